;; Mean over samples of the distance from a row to the nearest sampled row, over the cells that the row has.
;; nearest-distance.ts says what lies in memory; nearest-distance-wasm.ts is this text assembled.
(module
  (memory (export "memory") 1)

  ;; $cells … $cellsEnd: the cells that the row has, 8 bytes each: bytes from the first column of a sample to the cell's
  ;; own (i32), standardised value (f32).
  ;; $rows: the sampled rows, sample after sample, column after column, f32; one that is not a number is no neighbour.
  ;; $stride: bytes of one column of one sample, a multiple of 32. $columns of them are a sample.
  ;; Not a number where no sample has a neighbour.
  (func (export "meanNearestDistance")
    (param $cells i32) (param $cellsEnd i32) (param $rows i32) (param $samples i32) (param $columns i32)
    (param $stride i32) (result f64)
    (local $eight i32) (local $eightEnd i32) (local $cell i32) (local $column i32)
    (local $value v128) (local $difference v128) (local $squares0 v128) (local $squares1 v128)
    (local $nearest v128) (local $square f32) (local $sum f64) (local $counted f64)

    (local.set $eight (local.get $rows))
    (loop $eachSample
      (local.set $nearest (v128.const f32x4 inf inf inf inf))
      (local.set $eightEnd (i32.add (local.get $eight) (local.get $stride)))

      ;; Eight sampled rows at a time, four to a vector.
      (loop $eachEight
        (local.set $squares0 (v128.const i32x4 0 0 0 0))
        (local.set $squares1 (v128.const i32x4 0 0 0 0))
        (local.set $cell (local.get $cells))
        (loop $eachCell
          (local.set $value (v128.load32_splat offset=4 (local.get $cell)))
          (local.set $column (i32.add (local.get $eight) (i32.load (local.get $cell))))
          (local.set $difference (f32x4.sub (local.get $value) (v128.load (local.get $column))))
          (local.set $squares0
            (f32x4.add (local.get $squares0) (f32x4.mul (local.get $difference) (local.get $difference))))
          (local.set $difference (f32x4.sub (local.get $value) (v128.load offset=16 (local.get $column))))
          (local.set $squares1
            (f32x4.add (local.get $squares1) (f32x4.mul (local.get $difference) (local.get $difference))))
          (local.set $cell (i32.add (local.get $cell) (i32.const 8)))
          (br_if $eachCell (i32.lt_u (local.get $cell) (local.get $cellsEnd))))

        ;; pmin keeps its first argument where the second is not a number.
        (local.set $nearest (f32x4.pmin (local.get $nearest) (local.get $squares0)))
        (local.set $nearest (f32x4.pmin (local.get $nearest) (local.get $squares1)))
        (local.set $eight (i32.add (local.get $eight) (i32.const 32)))
        (br_if $eachEight (i32.lt_u (local.get $eight) (local.get $eightEnd))))

      ;; The smallest of the four: of two pairs, then of two numbers.
      (local.set $nearest
        (f32x4.pmin (local.get $nearest)
          (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $nearest) (local.get $nearest))))
      (local.set $square
        (f32.min (f32x4.extract_lane 0 (local.get $nearest)) (f32x4.extract_lane 1 (local.get $nearest))))
      (if (f32.lt (local.get $square) (f32.const inf))
        (then
          (local.set $sum (f64.add (local.get $sum) (f64.sqrt (f64.promote_f32 (local.get $square)))))
          (local.set $counted (f64.add (local.get $counted) (f64.const 1)))))

      ;; Past the first column by now; the next sample begins behind the last.
      (local.set $eight
        (i32.add (local.get $eight) (i32.mul (local.get $stride) (i32.sub (local.get $columns) (i32.const 1)))))
      (local.set $samples (i32.sub (local.get $samples) (i32.const 1)))
      (br_if $eachSample (local.get $samples)))

    (f64.div (local.get $sum) (local.get $counted))))

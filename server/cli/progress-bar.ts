/** A bar on standard error, redrawn at most ten times a second; silent where that is not a terminal. */
export function createProgressBar(label: string, total: number): { advance(done: number): void; end(): void } {
  const { stderr } = process;
  const width = 40;
  let drawnAt = 0;
  const draw = (done: number) => {
    const share = total === 0 ? 1 : Math.min(1, done / total);
    const filled = Math.round(share * width);
    stderr.write(`\r${label} [${'█'.repeat(filled)}${'·'.repeat(width - filled)}] ${Math.round(share * 100)} %`);
  };
  return {
    advance(done) {
      const now = performance.now();
      if (!stderr.isTTY || now - drawnAt < 100) return;
      drawnAt = now;
      draw(done);
    },
    end() {
      if (!stderr.isTTY) return;
      draw(total);
      stderr.write('\n');
    },
  };
}

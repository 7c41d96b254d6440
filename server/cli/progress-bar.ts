/**
 * A bar on standard error, redrawn at most ten times a second; silent where that is not a terminal, and where all is done
 * before it would be drawn. Where nobody knows how much there is to do, the seconds that have gone by.
 */
export function createProgressBar(label: string, total: number | null): { advance(done: number): void; end(): void } {
  const { stderr } = process;
  const startedAt = performance.now();
  let drawnAt = startedAt;
  const draw = (done: number) => stderr.write(`\r${label} ${total === null ? seconds(startedAt) : bar(done, total)}`);
  return {
    advance(done) {
      const now = performance.now();
      if (!stderr.isTTY || now - drawnAt < 100) return;
      drawnAt = now;
      draw(done);
    },
    end() {
      if (drawnAt === startedAt) return;
      draw(total ?? 0);
      stderr.write('\n');
    },
  };
}

const WIDTH = 40;

function bar(done: number, total: number): string {
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const filled = Math.round(share * WIDTH);
  return `[${'█'.repeat(filled)}${'·'.repeat(WIDTH - filled)}] ${Math.round(share * 100)} %`;
}

function seconds(startedAt: number): string {
  return `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`;
}

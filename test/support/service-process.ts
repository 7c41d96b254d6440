import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ENTRY = resolve(import.meta.dirname, '../../bin/ndc-sentinel.mjs');

/** The service as its own process, as a user starts it. */
export interface ServiceProcess {
  readonly apiUrl: string;
  readonly ndcUrl: string;
  readonly folder: string;
  readonly child: ChildProcess;
  /** Milliseconds from spawn to the second listener's line. */
  readonly readyMs: number;
  adminToken(): string;
  output(): string;
  /** Sends the signal and resolves to the exit code, or the signal's name where the process died of it. */
  end(signal?: NodeJS.Signals): Promise<number | string>;
  /** Deletes its folder; the process must have ended. */
  remove(): void;
}

export interface ServiceOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** A folder kept from an earlier process: its database is used again. */
  readonly folder?: string;
}

export async function startService({
  environment = {},
  folder = mkdtempSync(join(tmpdir(), 'ndc-sentinel-')),
}: ServiceOptions = {}): Promise<ServiceProcess> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [ENTRY, 'serve'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      ANOMALY_DETECTION_DATA: folder,
      PORT: '0',
      HASURA_CONNECTOR_PORT: '0',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<number | string>((resolved) =>
    child.once('exit', (code, signal) => resolved(code ?? signal ?? 'unknown')),
  );

  const urls = await new Promise<{ ndcUrl: string; apiUrl: string }>((ready, failed) => {
    const timer = setTimeout(() => failed(new Error(`not ready within 30 s:\n${output}`)), 30_000);
    child.stdout.on('data', () => {
      const ndcUrl = /^connector +(\S+)/m.exec(output)?.[1];
      const apiUrl = /^hooks, API +(\S+)/m.exec(output)?.[1];
      if (ndcUrl === undefined || apiUrl === undefined) return;
      clearTimeout(timer);
      ready({ ndcUrl, apiUrl });
    });
    void exited.then((code) => {
      clearTimeout(timer);
      failed(new Error(`ended with ${code} before it was ready:\n${output}`));
    });
  });

  return {
    ...urls,
    folder,
    child,
    readyMs: performance.now() - startedAt,
    adminToken: () => readFileSync(join(folder, 'admin-token'), 'utf8').trim(),
    output: () => output,
    async end(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Runs a command of the command line to its end. */
export async function runCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [ENTRY, ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolved) => child.once('close', resolved));
  return { code, stdout, stderr };
}

/** The service's metrics in the Prometheus text format. */
export async function metricsText(service: ServiceProcess): Promise<string> {
  const response = await fetch(`${service.apiUrl}/metrics`, {
    headers: { authorization: `Bearer ${service.adminToken()}` },
  });
  return response.text();
}

/** CPU seconds of the whole process, all threads. */
export async function cpuSecondsOf(service: ServiceProcess): Promise<number> {
  return valueOf('process_cpu_seconds_total', await metricsText(service));
}

/** Models that the service trained and took over: from then on it scores by them. Of two that start together one has no token. */
export async function modelsTrainedBy(service: ServiceProcess): Promise<number> {
  const response = await fetch(`${service.ndcUrl}/metrics`);
  return valueOf('sentinel_models_trained_total', await response.text());
}

function valueOf(name: string, metrics: string): number {
  const value = new RegExp(`^${name} ([\\d.e+-]+)$`, 'm').exec(metrics)?.[1];
  if (value === undefined) throw new Error(`${name} is missing`);
  return Number(value);
}

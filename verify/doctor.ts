/** What this machine has of all that warpsmith can use, where it was found, what it is for, and how to get what is missing. */
import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import koffi from 'koffi';
import { onPath } from '../codegen/build/executables.ts';
import { findNvcc } from '../codegen/build/nvcc.ts';
import { outputOf } from '../codegen/build/output-of.ts';
import { findToolchain } from '../codegen/build/toolchain.ts';

export interface Finding {
  readonly name: string;
  readonly purpose: string;
  /** Version and place; null where it is missing. */
  readonly found: string | null;
  /** What to do where it is missing. */
  readonly mend: string;
}

export async function examine(): Promise<readonly Finding[]> {
  const [compiler, nvcc, mpi] = await Promise.all([findToolchain(), findNvcc(), versionOf('mpirun')]);
  const gpus = findGpus();
  return [
    {
      name: 'Node',
      purpose: 'runs everything',
      found: `${process.version} at ${process.execPath}`,
      mend: '',
    },
    {
      name: 'C++ compiler',
      purpose: 'builds engines for the CPU, and the host program of engines for GPUs',
      found: compiler.ok ? `${compiler.toolchain.version} at ${placeOf(compiler.toolchain.compiler)}` : null,
      mend: compiler.ok ? '' : compiler.mend,
    },
    {
      name: 'nvcc',
      purpose: 'builds engines for GPUs; running one needs no compiler',
      found: nvcc.ok ? `${nvcc.nvcc.version} at ${nvcc.nvcc.path}` : null,
      mend: nvcc.ok ? '' : nvcc.mend,
    },
    {
      name: 'NVIDIA driver',
      purpose: 'runs engines on GPUs',
      found: gpus.driver,
      mend: 'Install NVIDIA’s driver (Debian: nvidia-driver; in a container: run it with the GPUs, such as docker run --gpus all).',
    },
    {
      name: 'GPU',
      purpose: 'runs engines on GPUs',
      found: gpus.devices.length > 0 ? gpus.devices.join('; ') : null,
      mend: 'Engines for GPUs can be built here and run on a machine that has one.',
    },
    {
      name: 'NCCL',
      purpose: 'joins several GPUs',
      found: libraryPlace('libnccl.so.2'),
      mend: 'Install libnccl2, or pip install nvidia-nccl-cu13 and put its lib folder into LD_LIBRARY_PATH.',
    },
    {
      name: 'MPI',
      purpose: 'joins several machines and CPUs',
      found: mpi,
      mend: 'Install one: apt install openmpi-bin libopenmpi-dev.',
    },
  ];
}

async function versionOf(command: string): Promise<string | null> {
  const text = await outputOf(command, ['--version']);
  return text === null ? null : `${text.split('\n')[0] ?? ''} at ${placeOf(command)}`;
}

/** Where a command lies that PATH finds; itself where it is a path. */
function placeOf(command: string): string {
  return isAbsolute(command) ? command : (onPath(command) ?? command);
}

/** The file that the loader takes for a library, by the map of this process; null where it finds none. */
function libraryPlace(library: string): string | null {
  try {
    const loaded = koffi.load(library);
    const lines = readFileSync('/proc/self/maps', 'utf8').split('\n');
    loaded.unload();
    const [name = library] = library.split('.so');
    return lines.map((line) => line.slice(line.indexOf('/'))).find((path) => path.includes(`/${name}.so`)) ?? library;
  } catch {
    return null;
  }
}

interface Gpus {
  readonly driver: string | null;
  readonly devices: readonly string[];
}

const NO_GPUS: Gpus = { driver: null, devices: [] };

/** Asks the driver's library itself, which is all that an engine needs. */
function findGpus(): Gpus {
  const place = libraryPlace('libcuda.so.1');
  if (place === null) return NO_GPUS;
  const driver = koffi.load('libcuda.so.1');
  const call = (signature: string): ((...values: readonly unknown[]) => number) => driver.func(signature);
  const version = new Int32Array(1);
  call('int cuDriverGetVersion(_Out_ int* version)')(version);
  const text = `CUDA ${Math.floor((version[0] ?? 0) / 1000)}.${Math.floor(((version[0] ?? 0) % 1000) / 10)} at ${place}`;
  const count = new Int32Array(1);
  if (call('int cuInit(uint32_t flags)')(0) !== 0) return { driver: text, devices: [] };
  call('int cuDeviceGetCount(_Out_ int* count)')(count);
  const nameOf = call('int cuDeviceGetName(_Out_ uint8_t* name, int length, int device)');
  const memoryOf = call('int cuDeviceTotalMem_v2(_Out_ uint64_t* bytes, int device)');
  const attributeOf = call('int cuDeviceGetAttribute(_Out_ int* value, int attribute, int device)');
  const attribute = (index: number, device: number): number => {
    const value = new Int32Array(1);
    attributeOf(value, index, device);
    return value[0] ?? 0;
  };
  const devices = Array.from({ length: count[0] ?? 0 }, (_, device) => {
    const name = new Uint8Array(128);
    nameOf(name, name.length, device);
    const bytes = new BigUint64Array(1);
    memoryOf(bytes, device);
    const gibibytes = (Number(bytes[0] ?? 0n) / 2 ** 30).toFixed(0);
    const architecture = `sm_${attribute(MAJOR, device)}${attribute(MINOR, device)}`;
    return `${Buffer.from(name).toString('latin1').replace(/\0.*$/s, '')}, ${gibibytes} GiB, ${architecture}`;
  });
  return { driver: text, devices };
}

/** Of cuda.h: the compute capability. */
const MAJOR = 75;
const MINOR = 76;

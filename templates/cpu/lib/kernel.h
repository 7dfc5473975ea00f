// All that generated kernels and the programs that call them stand on. It depends on no library, so a build compiles it once.
#pragma once

#include <algorithm>
#include <climits>
#include <cmath>
#include <cstdint>

#include "accumulate.h"
#include "batch.h"
#include "dot.h"
#include "math.h"
#include "matrix.h"
#include "philox.h"
#include "select.h"
#include "softmax.h"
#include "sum.h"
#include "types.h"
#include "worker.h"

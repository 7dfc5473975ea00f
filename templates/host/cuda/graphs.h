// Captured steps by their shape. A step whose shape came before is replayed as a graph: one launch, the gaps between kernels gone.
#pragma once

#include <map>
#include <vector>

#include "device.h"

namespace ws {

/** Every number that grids and arguments of a step follow from. */
using StepShape = std::vector<int32_t>;

class Graphs {
 public:
  struct Graph {
    /** Null until the shape came a second time. */
    CUgraphExec executable = nullptr;
    int64_t launches = 0;
    int64_t last_use = 0;
  };

  ~Graphs() { clear(); }

  /** The graph of a shape, marked as used; at first one that holds nothing. The reference lasts until the next call. */
  Graph& of(const StepShape& shape) {
    auto found = graphs_.find(shape);
    if (found == graphs_.end()) {
      if (graphs_.size() >= most) forget_oldest();
      found = graphs_.emplace(shape, Graph()).first;
    }
    found->second.last_use = ++uses_;
    return found->second;
  }

  void clear() {
    for (auto& [shape, graph] : graphs_) destroy(graph);
    graphs_.clear();
  }

 private:
  /** As many as there are batch sizes in common use; each costs some hundred kilobytes. */
  static constexpr size_t most = 512;

  void forget_oldest() {
    auto oldest = graphs_.begin();
    for (auto each = graphs_.begin(); each != graphs_.end(); ++each)
      if (each->second.last_use < oldest->second.last_use) oldest = each;
    destroy(oldest->second);
    graphs_.erase(oldest);
  }

  static void destroy(Graph& graph) {
    if (graph.executable != nullptr) Device::get().driver.cuGraphExecDestroy(graph.executable);
  }

  std::map<StepShape, Graph> graphs_;
  int64_t uses_ = 0;
};

}  // namespace ws

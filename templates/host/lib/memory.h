// Memory of an engine: pages that cost nothing until they are touched, and files mapped for reading.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace ws {

/** Zeroed anonymous memory, or a read-only view of a file. */
class Mapping {
 public:
  Mapping() = default;
  Mapping(Mapping&& other) noexcept : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  Mapping& operator=(Mapping&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Mapping() {
    if (data_ != nullptr) munmap(data_, bytes_);
  }

  /** Empty on failure. */
  static Mapping zeroed(uint64_t bytes) {
    Mapping mapping;
    if (bytes == 0) return mapping;
    void* const data = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (data == MAP_FAILED) return mapping;
    madvise(data, bytes, MADV_HUGEPAGE);
    mapping.data_ = data;
    mapping.bytes_ = bytes;
    return mapping;
  }

  static Mapping of_file(const char* path) {
    Mapping mapping;
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return mapping;
    struct stat status;
    if (fstat(file, &status) == 0 && status.st_size > 0) {
      void* const data = mmap(nullptr, size_t(status.st_size), PROT_READ, MAP_SHARED, file, 0);
      if (data != MAP_FAILED) {
        madvise(data, size_t(status.st_size), MADV_WILLNEED);
        mapping.data_ = data;
        mapping.bytes_ = uint64_t(status.st_size);
      }
    }
    close(file);
    return mapping;
  }

  char* data() const { return static_cast<char*>(data_); }
  uint64_t bytes() const { return bytes_; }

 private:
  void* data_ = nullptr;
  uint64_t bytes_ = 0;
};

}  // namespace ws

#include "registry/git/git_allocator.h"

#include <cstdlib>
#include <cstring>

#include "git2.h"
#include "git2/sys/alloc.h"

namespace orrery::registry {
namespace {

size_t max_block = 0;

// False when the product overflows or is too much.
bool Fits(size_t count, size_t size) {
  return size == 0 || count <= max_block / size;
}

void* Refuse() {
  git_error_set_str(GIT_ERROR_NOMEMORY, "it takes too much memory");
  return nullptr;
}

void* Allocate(size_t size, const char*, int) {
  return Fits(1, size) ? std::malloc(size) : Refuse();
}

void* AllocateZeroed(size_t count, size_t size, const char*, int) {
  return Fits(count, size) ? std::calloc(count, size) : Refuse();
}

void* AllocateArray(size_t count, size_t size, const char*, int) {
  return Fits(count, size) ? std::malloc(count * size) : Refuse();
}

void* Reallocate(void* block, size_t size, const char*, int) {
  return Fits(1, size) ? std::realloc(block, size) : Refuse();
}

void* ReallocateArray(void* block, size_t count, size_t size, const char*,
                      int) {
  return Fits(count, size) ? std::realloc(block, count * size) : Refuse();
}

char* CopyBytes(const char* text, size_t size, const char*, int) {
  auto* copy =
      static_cast<char*>(Fits(1, size + 1) ? std::malloc(size + 1) : Refuse());
  if (copy == nullptr) return nullptr;
  std::memcpy(copy, text, size);
  copy[size] = '\0';
  return copy;
}

char* CopyText(const char* text, const char* file, int line) {
  return CopyBytes(text, std::strlen(text), file, line);
}

char* CopyFront(const char* text, size_t size, const char* file, int line) {
  return CopyBytes(text, strnlen(text, size), file, line);
}

void Free(void* block) { std::free(block); }

}  // namespace

void LimitGitAllocations(size_t max_bytes) {
  max_block = max_bytes;
  git_allocator allocator = {Allocate,        AllocateZeroed, CopyText,
                             CopyFront,       CopyBytes,      Reallocate,
                             ReallocateArray, AllocateArray,  Free};
  git_libgit2_opts(GIT_OPT_SET_ALLOCATOR, &allocator);
}

}  // namespace orrery::registry

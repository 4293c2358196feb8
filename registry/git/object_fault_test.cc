#include "registry/git/object_fault.h"

#include <dlfcn.h>

#include <fstream>
#include <iterator>
#include <string>

#include "absl/status/status.h"
#include "git2.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/status/refusal_details.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::HasSubstr;

// What libgit2's SHA-1 says where it detects collisions.
constexpr char kCollision[] = "SHA1 collision attack detected";

class ObjectFaultTest : public ::testing::Test {
 protected:
  ObjectFaultTest() { git_libgit2_init(); }
  ~ObjectFaultTest() override { git_libgit2_shutdown(); }

  const ObjectId id_ = *ObjectId::ParseHex(std::string(40, 'c'));
};

TEST_F(ObjectFaultTest, WhatCannotBeReadIsNoRefusal) {
  git_error_set_str(GIT_ERROR_ODB, "its file has no header");
  const absl::Status status = ObjectFault(id_, "blob", GIT_ERROR);
  EXPECT_THAT(status,
              StatusIs(absl::StatusCode::kDataLoss,
                       "blob cccccccccccccccccccccccccccccccccccccccc cannot "
                       "be read: its file has no header"));
  EXPECT_EQ(RefusedBy(status), "");
}

TEST_F(ObjectFaultTest, OtherBytesThanItsNameAreRefused) {
  git_error_set_str(GIT_ERROR_ODB, "hash mismatch");
  EXPECT_EQ(RefusedBy(ObjectFault(id_, "tree", GIT_EMISMATCH)), "git.object");
}

TEST_F(ObjectFaultTest, CollisionIsRefused) {
  git_error_set_str(GIT_ERROR_SHA, kCollision);
  const absl::Status status = ObjectFault(id_, "blob", GIT_ERROR);
  EXPECT_THAT(status,
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr(kCollision)));
  EXPECT_EQ(RefusedBy(status), "git.object");
}

TEST_F(ObjectFaultTest, LibraryDetectsCollisions) {
  Dl_info library{};
  ASSERT_NE(dladdr(reinterpret_cast<const void*>(&git_odb_hash), &library), 0);
  std::ifstream file(library.dli_fname, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  EXPECT_TRUE(bytes.find(kCollision) != std::string::npos)
      << library.dli_fname << " is built with another SHA-1";
}

}  // namespace
}  // namespace orrery::registry

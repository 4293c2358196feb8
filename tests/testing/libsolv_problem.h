// A resolver problem as libsolv sees it.

#ifndef TESTS_TESTING_LIBSOLV_PROBLEM_H_
#define TESTS_TESTING_LIBSOLV_PROBLEM_H_

#include <memory>
#include <vector>

#include "resolver/answer.h"
#include "resolver/metadata_source.h"
#include "resolver/request.h"

namespace orrery::tests {

// Of the packages that the request can reach. Targets are made sets of
// solvables at once, without names and versions to compare; a feature is a
// solvable that needs its release; what the request cuts is not there at all.
// What is installed is not told: what must be kept is asked for.
class LibsolvProblem {
 public:
  // Null if it cannot be expressed: conditions, and instances.
  static std::unique_ptr<LibsolvProblem> Make(const resolver::Request& request,
                                              resolver::MetadataSource* source);

  virtual ~LibsolvProblem() = default;

  // Whether there is a solution.
  virtual bool Solve() = 0;
  // Of the last Solve, without facts.
  virtual std::vector<resolver::ChosenRelease> Chosen() = 0;
};

}  // namespace orrery::tests

#endif  // TESTS_TESTING_LIBSOLV_PROBLEM_H_

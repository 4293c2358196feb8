// A release directory of this machine as a record has it (spec: trust.md §6.2).

#ifndef CLI_PLUGIN_PACKAGE_RELEASE_CONTENT_H_
#define CLI_PLUGIN_PACKAGE_RELEASE_CONTENT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "registry/format/release_files.h"
#include "signing/record/record.h"

namespace orrery::cli {

// `repo/packages/K/kafka/57`.
std::string ReleaseDirectoryOf(const std::string& package, int64_t release);

// Numbers of the package's release directories below `root`, ascending.
std::vector<int64_t> ReleasesOf(const std::string& root,
                                const std::string& package);

// Of revision 1. kNotFound when there is no such directory; kFailedPrecondition
// with the reasons, each with its file, when a registry would refuse it.
absl::StatusOr<signing::RevisionContent> ReadContent(const std::string& root,
                                                     const std::string& package,
                                                     int64_t release);

// The files that are not the same, in words; empty when all are.
std::string Differences(const signing::RevisionContent& recorded,
                        const signing::RevisionContent& found);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_PACKAGE_RELEASE_CONTENT_H_

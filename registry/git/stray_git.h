// What a killed server leaves behind: git goes on when its parent is gone, and
// its helpers do when git is.

#ifndef REGISTRY_GIT_STRAY_GIT_H_
#define REGISTRY_GIT_STRAY_GIT_H_

#include <string>

namespace orrery::registry {

// `NAME=value` for the environment of every git that works for the server whose
// files are in `state_dir`, from where its helpers have it. Empty when the
// directory is not there.
std::string GitMark(const std::string& state_dir);

// Kills the processes with that mark and waits until they are gone, two seconds
// at most; how many there were. Requires: this process holds the directory and
// has not started any itself.
int EndStrayGit(const std::string& state_dir);

}  // namespace orrery::registry

#endif  // REGISTRY_GIT_STRAY_GIT_H_

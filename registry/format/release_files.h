// Names of the files of a release (universe-format §3).

#ifndef REGISTRY_FORMAT_RELEASE_FILES_H_
#define REGISTRY_FORMAT_RELEASE_FILES_H_

namespace orrery::registry {

inline constexpr char kPackageFile[] = "package.json";
inline constexpr char kConfigFile[] = "config.json";
inline constexpr char kResourceFile[] = "resource.json";
inline constexpr char kCommandFile[] = "command.json";
inline constexpr char kTemplateFile[] = "marathon.json.mustache";
// That one, and those of other targets.
inline constexpr const char* kTemplateFiles[] = {
    kTemplateFile, "nomad.json.mustache", "kubernetes.json.mustache"};
// With the digests of what package.json and resource.json name.
inline constexpr char kArtifactsFile[] = "artifacts.json";

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_RELEASE_FILES_H_

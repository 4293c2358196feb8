#include "catalog/verify/trust_setup.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "catalog/verify/stored_file.h"
#include "signing/field.h"
#include "signing/policy/client_policy_parser.h"
#include "signing/policy/config_reader.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using signing::At;
using signing::RefusalCode;
using signing::Refuse;

constexpr auto kMaxBytes = static_cast<int64_t>(signing::kMaxConfigBytes);

std::string Below(absl::string_view directory, absl::string_view path) {
  if (absl::StartsWith(path, "/")) return std::string(path);
  return absl::StrCat(directory, "/", path);
}

bool IsPath(absl::string_view place) {
  return !absl::StrContains(place, "://");
}

// A file of the operator's own that must be there.
absl::StatusOr<std::string> ReadConfig(const std::string& path,
                                       RefusalCode code) {
  auto bytes = ReadStoredFile(path, kMaxBytes);
  if (bytes.ok()) return bytes;
  return At({.file = path, .check = code == RefusalCode::kPolicySyntax ? 1 : 2},
            Refuse(code, bytes.status().message()));
}

absl::StatusOr<signing::ClientPolicy> ParsePolicy(absl::string_view bytes,
                                                  const std::string& name) {
  auto policy = signing::ParseClientPolicy(bytes);
  if (policy.ok()) return policy;
  return At({.file = name, .check = 1}, policy.status());
}

absl::StatusOr<TrustedRegistry> OpenRegistry(signing::RegistryPolicy registry,
                                             absl::string_view directory,
                                             const SetupOptions& options,
                                             HttpFetcher& http) {
  registry.tlog_policy_file = Below(directory, registry.tlog_policy_file);
  registry.names_file = Below(directory, registry.names_file);
  ORRERY_ASSIGN_OR_RETURN(
      const std::string tlog_policy,
      ReadConfig(registry.tlog_policy_file, RefusalCode::kTrustSyntax));
  ORRERY_ASSIGN_OR_RETURN(
      const std::string names,
      ReadConfig(registry.names_file, RefusalCode::kTrustSyntax));
  ORRERY_ASSIGN_OR_RETURN(signing::RegistryTrust trust,
                          signing::OpenRegistryTrust(registry, tlog_policy,
                                                     names, options.version));
  TrustedRegistry opened{
      std::move(trust), Below(options.state_directory, registry.id), {}};
  opened.places.push_back(OpenTree(registry.url, http));
  for (const std::string& mirror : registry.mirrors) {
    opened.places.push_back(
        OpenTree(IsPath(mirror) ? Below(directory, mirror) : mirror, http));
  }
  return opened;
}

// A directory whose name no registry id can be.
std::string MemoryOf(const std::string& url, const SetupOptions& options) {
  std::string name;
  for (const char c : url.substr(url.find("://") + 3)) {
    name += absl::ascii_isalnum(static_cast<unsigned char>(c)) ? c : '_';
  }
  return Below(options.state_directory, absl::StrCat("served.", name));
}

absl::Status WriteMemory(const std::string& memory, const ServedTrust& served) {
  ORRERY_RETURN_IF_ERROR(MakeDirectories(memory));
  ORRERY_ASSIGN_OR_RETURN(const Descriptor lock, LockDirectory(memory));
  const std::pair<absl::string_view, const std::string*> files[] = {
      {"/policy", &served.policy},
      {"/tlog-policy", &served.tlog_policy},
      {"/names", &served.names}};
  for (const auto& [name, bytes] : files) {
    const std::string path = absl::StrCat(memory, name);
    const auto known = ReadStoredFile(path, kMaxBytes);
    if (known.ok() && *known == *bytes) continue;
    ORRERY_RETURN_IF_ERROR(ReplaceDurably(path, *bytes));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TrustSetup> OpenPolicyFile(const std::string& path,
                                          const SetupOptions& options,
                                          HttpFetcher& http) {
  ORRERY_ASSIGN_OR_RETURN(const std::string bytes,
                          ReadConfig(path, RefusalCode::kPolicySyntax));
  ORRERY_ASSIGN_OR_RETURN(signing::ClientPolicy policy,
                          ParsePolicy(bytes, path));
  std::vector<TrustedRegistry> registries;
  for (const signing::RegistryPolicy& registry : policy.registries()) {
    auto opened = OpenRegistry(registry, ParentOf(path), options, http);
    if (!opened.ok()) return At({.file = path}, opened.status());
    registries.push_back(*std::move(opened));
  }
  return TrustSetup{std::move(policy), signing::Digest::Of(bytes), path,
                    std::move(registries)};
}

absl::StatusOr<ServedTrust> FetchServedTrust(const std::string& url,
                                             HttpFetcher& http) {
  ServedTrust served;
  const std::pair<absl::string_view, std::string ServedTrust::*> files[] = {
      {"policy", &ServedTrust::policy},
      {"tlog-policy", &ServedTrust::tlog_policy},
      {"names", &ServedTrust::names}};
  for (const auto& [name, member] : files) {
    const std::string file = absl::StrCat(url, "/v1/trust/", name);
    auto bytes = http.Fetch(file, kMaxBytes);
    if (absl::IsCancelled(bytes.status())) return bytes.status();
    if (!bytes.ok()) {
      const bool is_policy = member == &ServedTrust::policy;
      const bool is_wrong = absl::IsNotFound(bytes.status()) ||
                            absl::IsResourceExhausted(bytes.status());
      const RefusalCode wrong =
          is_policy ? RefusalCode::kPolicySyntax : RefusalCode::kTrustSyntax;
      return At(
          {.file = file, .check = is_policy ? 1 : 2},
          Refuse(is_wrong ? wrong : RefusalCode::kLogUnavailable,
                 absl::StrCat("cannot fetch it: ", bytes.status().message())));
    }
    served.*member = *std::move(bytes);
  }
  return served;
}

absl::StatusOr<TrustSetup> OpenServedTrust(const std::string& url,
                                           const ServedTrust& served,
                                           const SetupOptions& options,
                                           HttpFetcher& http) {
  const std::string name = url + "/v1/trust/policy";
  ORRERY_ASSIGN_OR_RETURN(signing::ClientPolicy policy,
                          ParsePolicy(served.policy, name));
  if (policy.registries().size() != 1) {
    return At({.file = name, .check = 1},
              Refuse(RefusalCode::kPolicySyntax,
                     absl::StrCat("has ", policy.registries().size(),
                                  " registries, so it cannot be taken as it "
                                  "is: write one of your own; see `orrery "
                                  "policy init ",
                                  url, "`")));
  }
  signing::RegistryPolicy registry = policy.registries().front();
  registry.tlog_policy_file = url + "/v1/trust/tlog-policy";
  registry.names_file = url + "/v1/trust/names";
  auto trust = signing::OpenRegistryTrust(registry, served.tlog_policy,
                                          served.names, options.version);
  if (!trust.ok()) return At({.file = name}, trust.status());
  TrustedRegistry opened{
      *std::move(trust),
      Below(options.state_directory,
            absl::StrCat(
                "loopback-",
                signing::Digest::Of(served.tlog_policy).Hex().substr(0, 16),
                "/", registry.id)),
      {}};
  opened.places.push_back(OpenTree(url, http));
  TrustSetup setup{
      std::move(policy), signing::Digest::Of(served.policy), name, {}};
  setup.registries.push_back(std::move(opened));
  return setup;
}

absl::StatusOr<ServedTrust> RecallServedTrust(const std::string& url,
                                              const SetupOptions& options) {
  const std::string memory = MemoryOf(url, options);
  auto policy = ReadStoredFile(memory + "/policy", kMaxBytes);
  auto tlog_policy = ReadStoredFile(memory + "/tlog-policy", kMaxBytes);
  auto names = ReadStoredFile(memory + "/names", kMaxBytes);
  if (!policy.ok() || !tlog_policy.ok() || !names.ok()) {
    return Refuse(RefusalCode::kLogUnavailable,
                  absl::StrCat("nothing of ", url,
                               " is in the offline cache: run the command once "
                               "without --offline, or say --policy FILE"));
  }
  return ServedTrust{*std::move(policy), *std::move(tlog_policy),
                     *std::move(names)};
}

absl::Status RememberServedTrust(const std::string& url,
                                 const ServedTrust& served,
                                 const SetupOptions& options) {
  return signing::RefuseAs(RefusalCode::kStateWrite,
                           WriteMemory(MemoryOf(url, options), served));
}

bool IsLoopbackUrl(absl::string_view url) {
  return absl::StartsWith(url, "http://") &&
         signing::CheckRegistryUrl(url).ok();
}

}  // namespace orrery::catalog

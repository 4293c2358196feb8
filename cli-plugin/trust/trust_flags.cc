#include "cli-plugin/trust/trust_flags.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli-plugin/command/absolute_path.h"
#include "cli-plugin/command/version.h"

#include "signing/encoding.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using catalog::TrustSetup;

constexpr absl::string_view kMachinePolicy = "/etc/orrery/policy";

absl::StatusOr<absl::Time> ReadNow(const Invocation& invocation,
                                   const CommandContext& context) {
  if (!invocation.Has("as-of")) return context.clock->Now();
  const std::string text = invocation.Text("as-of");
  // The last second that all calendars have.
  const auto seconds = signing::ParseDecimal(text, uint64_t{253402300799});
  if (!seconds.ok()) {
    return UsageError(absl::StrCat("--as-of \"", text,
                                   "\" is no time; it looks like 1795351203, "
                                   "the seconds since 1970"));
  }
  return absl::FromUnixSeconds(static_cast<int64_t>(*seconds));
}

// `fetched` from a server because there is nothing else to believe by.
absl::Status WithWayOut(absl::Status fetched, const std::string& url) {
  const std::optional<signing::Refusal> refusal = signing::RefusalOf(fetched);
  if (!refusal.has_value() ||
      refusal->code != signing::RefusalCode::kLogUnavailable) {
    return fetched;
  }
  return signing::At(
      refusal->place,
      signing::Refuse(refusal->code,
                      absl::StrCat("there is no policy of your own, and ", url,
                                   " gives none (", refusal->detail,
                                   "): say --policy FILE")));
}

// Of a server that no policy speaks of.
absl::StatusOr<TrustSetup> OpenServer(const catalog::SetupOptions& options,
                                      bool is_offline, TrustFetcher& http,
                                      CommandContext& context) {
  const std::string& url = context.settings->server;
  if (!catalog::IsLoopbackUrl(url)) {
    return signing::At(
        {.check = 1},
        signing::Refuse(
            signing::RefusalCode::kPolicySyntax,
            absl::StrCat("there is no policy that says whether to believe ",
                         url, ": `orrery policy init ", url,
                         "` fetches and pins one")));
  }
  catalog::ServedTrust served;
  if (is_offline) {
    ORRERY_ASSIGN_OR_RETURN(served, catalog::RecallServedTrust(url, options));
  } else {
    auto fetched = catalog::FetchServedTrust(url, http);
    if (!fetched.ok()) return WithWayOut(fetched.status(), url);
    served = *std::move(fetched);
  }
  ORRERY_ASSIGN_OR_RETURN(TrustSetup setup,
                          catalog::OpenServedTrust(url, served, options, http));
  if (!is_offline) {
    ORRERY_RETURN_IF_ERROR(catalog::RememberServedTrust(url, served, options));
  }
  context.terminal->Note(absl::StrCat(
      "no policy of your own: believing ", url,
      ", which is on this machine; `orrery policy init ", url, "` pins it"));
  return setup;
}

absl::StatusOr<TrustSetup> OpenSetup(const Invocation& invocation,
                                     bool is_offline, TrustFetcher& http,
                                     CommandContext& context) {
  catalog::SetupOptions options;
  options.version = std::string(kVersion);
  ORRERY_ASSIGN_OR_RETURN(options.state_directory,
                          FindStateDirectory(invocation, context));
  const std::string policy = FindPolicyFile(invocation, context);
  if (policy.empty()) return OpenServer(options, is_offline, http, context);
  return catalog::OpenPolicyFile(policy, options, http);
}

// `[ID=]PLACE`: the registry it is for, and the place.
absl::StatusOr<std::pair<catalog::TrustedRegistry*, std::string>> ReadMirror(
    absl::string_view text, TrustSetup& setup) {
  for (catalog::TrustedRegistry& registry : setup.registries) {
    const std::string prefix = registry.trust.registry.id + "=";
    if (absl::StartsWith(text, prefix)) {
      return std::pair(&registry, std::string(text.substr(prefix.size())));
    }
  }
  if (setup.registries.size() == 1) {
    return std::pair(&setup.registries.front(), std::string(text));
  }
  return UsageError(absl::StrCat("--mirror \"", text, "\": ", setup.policy_name,
                                 " has ", setup.registries.size(),
                                 " registries; say which one, as ID=", text));
}

// Instead of URL and mirrors of the policy.
absl::Status TakeMirrors(const std::vector<std::string>& mirrors,
                         const CommandContext& context, TrustSetup& setup,
                         TrustFetcher& http) {
  std::vector<catalog::TrustedRegistry*> replaced;
  for (const std::string& mirror : mirrors) {
    ORRERY_ASSIGN_OR_RETURN(const auto read, ReadMirror(mirror, setup));
    const auto& [registry, place] = read;
    if (std::find(replaced.begin(), replaced.end(), registry) ==
        replaced.end()) {
      registry->places.clear();
      replaced.push_back(registry);
    }
    registry->places.push_back(
        catalog::OpenTree(AbsoluteUrl(place, context.working_directory), http));
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<Flag> TrustFlags() {
  return {
      {.name = "policy",
       .value = "FILE",
       .help = "whom to believe (else $ORRERY_POLICY, else the policy of user "
               "or machine)",
       .kind = ValueKind::kFile},
      {.name = "state",
       .value = "DIR",
       .help = "where to keep what was seen of each log",
       .kind = ValueKind::kDirectory},
      {.name = "mirror",
       .value = "[ID=]URL|DIR",
       .help = "read log and files from here instead; may be repeated",
       .kind = ValueKind::kDirectory,
       .repeatable = true},
      {.name = "offline", .help = "use no network: what was verified before"},
      {.name = "as-of",
       .value = "UNIX",
       .help = "take this for the present, in seconds since 1970"},
  };
}

absl::StatusOr<Trust> OpenTrust(const Invocation& invocation,
                                CommandContext& context) {
  Trust trust;
  trust.is_offline = invocation.Has("offline");
  if (!context.settings->cache_dir.empty()) {
    trust.cache_directory = context.settings->cache_dir + "/trust";
  }
  ORRERY_ASSIGN_OR_RETURN(trust.now, ReadNow(invocation, context));
  trust.http = std::make_unique<TrustFetcher>(context.http, trust.is_offline);
  ORRERY_ASSIGN_OR_RETURN(
      TrustSetup setup,
      OpenSetup(invocation, trust.is_offline, *trust.http, context));
  trust.setup = std::make_unique<TrustSetup>(std::move(setup));
  ORRERY_RETURN_IF_ERROR(TakeMirrors(invocation.Texts("mirror"), context,
                                     *trust.setup, *trust.http));
  catalog::VerifierOptions options;
  options.cache_directory = trust.cache_directory;
  options.now = trust.now;
  options.is_as_of = invocation.Has("as-of");
  options.is_offline = trust.is_offline;
  trust.verifier =
      std::make_unique<catalog::Verifier>(*trust.setup, std::move(options));
  return trust;
}

std::string FindPolicyFile(const Invocation& invocation,
                           const CommandContext& context) {
  // What is named must be there: nothing else is looked for in its place.
  if (invocation.Has("policy")) {
    return AbsolutePath(invocation.Text("policy"), context.working_directory);
  }
  if (!context.settings->policy.empty()) {
    return AbsolutePath(context.settings->policy, context.working_directory);
  }
  std::vector<std::string> paths;
  if (!context.settings->config_dir.empty()) {
    paths.push_back(context.settings->config_dir + "/policy");
  }
  paths.emplace_back(kMachinePolicy);
  for (std::string& path : paths) {
    // One that is there and cannot be looked at is found, too.
    if (access(path.c_str(), F_OK) == 0 || errno == EACCES) {
      return std::move(path);
    }
  }
  return "";
}

absl::StatusOr<std::string> FindStateDirectory(const Invocation& invocation,
                                               const CommandContext& context) {
  if (invocation.Has("state")) {
    return AbsolutePath(invocation.Text("state"), context.working_directory);
  }
  if (context.settings->state_dir.empty()) {
    return UsageError(
        "there is no home to keep what was seen of the log; say --state DIR");
  }
  return context.settings->state_dir + "/trust";
}

}  // namespace orrery::cli

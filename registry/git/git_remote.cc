#include "registry/git/git_remote.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"

#include "registry/git/git_repository.h"
#include "registry/git/secret_file.h"
#include "registry/git/ssh_host_key.h"
#include "registry/git/stray_git.h"
#include "signing/digest.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

// Passed on to git as they are.
constexpr const char* kInherited[] = {
    "PATH",      "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
    "ALL_PROXY", "no_proxy",   "NO_PROXY",    "TMPDIR"};

// About 250,000 refs.
constexpr uint64_t kMaxListingBytes = uint64_t{16} << 20;
// Shorter passwords would be found everywhere.
constexpr size_t kMinRedacted = 4;

using GitConfig = std::vector<std::pair<std::string, std::string>>;

std::vector<std::string> BaseEnvironment() {
  std::vector<std::string> environment = {
      "LC_ALL=C",
      // No ~/.netrc, no ~/.gitconfig.
      "HOME=/nonexistent",
      "GIT_CONFIG_NOSYSTEM=1",
      "GIT_CONFIG_GLOBAL=/dev/null",
      "GIT_ATTR_NOSYSTEM=1",
      "GIT_TERMINAL_PROMPT=0",
      "GIT_ASKPASS=",
      "SSH_ASKPASS_REQUIRE=never",
      "GCM_INTERACTIVE=never",
  };
  for (const char* name : kInherited) {
    const char* value = std::getenv(name);
    if (value != nullptr) {
      environment.push_back(absl::StrCat(name, "=", value));
    }
  }
  return environment;
}

GitConfig BaseConfig(absl::Duration stall_limit) {
  return {
      {"core.hooksPath", "/dev/null"},
      {"core.askPass", ""},
      {"credential.helper", ""},
      {"safe.directory", "*"},
      {"protocol.allow", "never"},
      {"transfer.fsckObjects", "true"},
      {"transfer.bundleURI", "false"},
      {"fetch.recurseSubmodules", "false"},
      // One pack a fetch, which Repack joins; never loose objects.
      {"fetch.unpackLimit", "1"},
      {"gc.auto", "0"},
      {"maintenance.auto", "false"},
      {"pack.threads", "1"},
      {"pack.windowMemory", "128m"},
      {"repack.writeBitmaps", "false"},
      // A redirect could lead to this machine, or away with the token.
      {"http.followRedirects", "false"},
      {"http.lowSpeedLimit", "1000"},
      {"http.lowSpeedTime", absl::StrCat(absl::ToInt64Seconds(stall_limit))},
  };
}

// By the environment, which only this user can read, and not by arguments.
void AppendConfig(const GitConfig& config,
                  std::vector<std::string>* environment) {
  environment->push_back(absl::StrCat("GIT_CONFIG_COUNT=", config.size()));
  for (size_t i = 0; i < config.size(); ++i) {
    environment->push_back(
        absl::StrCat("GIT_CONFIG_KEY_", i, "=", config[i].first));
    environment->push_back(
        absl::StrCat("GIT_CONFIG_VALUE_", i, "=", config[i].second));
  }
}

// What the server is sent, and how it or its parts may come back.
struct Credential {
  std::string header;
  // Longer ones first, so that none leaves a part of another.
  std::vector<std::string> secrets;
};

// `user:password`, or a token as most servers take it.
Credential CredentialOf(const std::string& secret) {
  const size_t colon = secret.find(':');
  if (colon == secret.npos) {
    const std::string header = absl::StrCat("Authorization: Bearer ", secret);
    return {header, {header, secret}};
  }
  const std::string encoded = absl::Base64Escape(secret);
  const std::string header = absl::StrCat("Authorization: Basic ", encoded);
  Credential credential = {header, {header, encoded, secret}};
  const std::string password = secret.substr(colon + 1);
  if (password.size() >= kMinRedacted) credential.secrets.push_back(password);
  return credential;
}

// A file name in ssh_config(5).
absl::StatusOr<std::string> SshFileName(const std::string& file) {
  if (file.find_first_of("\"\n$") != std::string::npos) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the file name ", file, " cannot be written in an ssh configuration"));
  }
  return absl::StrCat("\"", absl::StrReplaceAll(file, {{"%", "%%"}}), "\"");
}

std::string ShellQuote(const std::string& text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
}

absl::Status WriteWhole(const std::string& path, const std::string& text) {
  const std::string temporary = absl::StrCat(path, ".", ::getpid(), ".new");
  std::ofstream out(temporary, std::ios::trunc);
  out << text;
  out.close();
  std::error_code error;
  std::filesystem::rename(temporary, path, error);
  if (!out || error) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the file ", path, " cannot be written"));
  }
  return absl::OkStatus();
}

}  // namespace

GitRemote::GitRemote(Options options, SourceUrl url, SourceFiles files)
    : options_(std::move(options)),
      url_(std::move(url)),
      files_(std::move(files)) {}

std::string GitRemote::KnownHosts() const {
  return files_.known_hosts.empty()
             ? absl::StrCat(options_.state_dir, "/ssh/known_hosts")
             : files_.known_hosts;
}

absl::StatusOr<std::string> GitRemote::SshCommand() const {
  std::string config =
      "Host *\n"
      "  BatchMode yes\n"
      "  StrictHostKeyChecking yes\n"
      "  UpdateHostKeys no\n"
      "  ServerAliveInterval 15\n"
      "  ServerAliveCountMax 3\n"
      "  ForwardAgent no\n"
      "  ClearAllForwardings yes\n"
      "  PermitLocalCommand no\n"
      "  ControlMaster no\n"
      "  ControlPath none\n";
  config += ReportHostKeyOption();
  ORRERY_ASSIGN_OR_RETURN(std::string known_hosts, SshFileName(KnownHosts()));
  if (files_.known_hosts.empty()) {
    absl::StrAppend(&known_hosts, " ~/.ssh/known_hosts");
  } else {
    config += "  GlobalKnownHostsFile /dev/null\n";
  }
  absl::StrAppend(&config, "  UserKnownHostsFile ", known_hosts, "\n");
  if (!files_.ssh_key.empty()) {
    ORRERY_ASSIGN_OR_RETURN(const std::string key, SshFileName(files_.ssh_key));
    absl::StrAppend(&config, "  IdentitiesOnly yes\n  IdentityAgent none\n",
                    "  IdentityFile ", key, "\n");
  }
  std::error_code error;
  std::filesystem::create_directories(absl::StrCat(options_.state_dir, "/ssh"),
                                      error);
  const std::string path =
      absl::StrCat(options_.state_dir, "/ssh/",
                   signing::Digest::Of(config).Hex().substr(0, 16), ".config");
  if (!std::filesystem::exists(path, error)) {
    ORRERY_RETURN_IF_ERROR(WriteWhole(path, config));
  }
  return absl::StrCat("ssh -F ", ShellQuote(path));
}

absl::StatusOr<GitRemote::Settings> GitRemote::MakeSettings() const {
  Settings settings;
  settings.environment = BaseEnvironment();
  settings.environment.push_back(GitMark(options_.state_dir));
  GitConfig config = BaseConfig(options_.stall_limit);
  switch (url_.scheme) {
    case UrlScheme::kLocal:
      return absl::InternalError("a local repository is not fetched");
    case UrlScheme::kHttp:
      config.emplace_back("protocol.http.allow", "always");
      break;
    case UrlScheme::kHttps:
      config.emplace_back("protocol.https.allow", "always");
      break;
    case UrlScheme::kSsh: {
      config.emplace_back("protocol.ssh.allow", "always");
      ORRERY_ASSIGN_OR_RETURN(const std::string command, SshCommand());
      settings.environment.push_back(absl::StrCat("GIT_SSH_COMMAND=", command));
      const char* agent = std::getenv("SSH_AUTH_SOCK");
      if (files_.ssh_key.empty() && agent != nullptr) {
        settings.environment.push_back(absl::StrCat("SSH_AUTH_SOCK=", agent));
      }
      break;
    }
  }
  const char* system_authorities = std::getenv("SSL_CERT_FILE");
  if (!files_.certificate_authorities.empty()) {
    config.emplace_back("http.sslCAInfo", files_.certificate_authorities);
  } else if (system_authorities != nullptr) {
    config.emplace_back("http.sslCAInfo", system_authorities);
  }
  if (!files_.token.empty() && url_.scheme != UrlScheme::kSsh) {
    ORRERY_ASSIGN_OR_RETURN(const std::string secret,
                            ReadSecretFile(files_.token, "token file"));
    const Credential credential = CredentialOf(secret);
    config.emplace_back("http.extraHeader", credential.header);
    settings.secrets = credential.secrets;
  }
  AppendConfig(config, &settings.environment);
  return settings;
}

GitFailure GitRemote::FailureOf(const Task& task,
                                absl::Duration duration) const {
  GitFailure failure;
  failure.doing = task.doing;
  failure.url = url_.text;
  failure.host = url_.host;
  failure.duration = duration;
  failure.max_bytes = options_.max_fetch_bytes;
  failure.known_hosts = KnownHosts();
  return failure;
}

absl::StatusOr<std::string> GitRemote::Run(std::vector<std::string> arguments,
                                           const Task& task,
                                           const AccessLimits& limits) const {
  ORRERY_ASSIGN_OR_RETURN(const Settings settings, MakeSettings());
  GitCall call;
  call.program = options_.git_program;
  call.arguments = std::move(arguments);
  call.environment = settings.environment;
  call.max_output_bytes = task.max_output_bytes;
  call.max_file_bytes = task.max_file_bytes;
  call.deadline = limits.deadline;
  call.stall_limit = options_.stall_limit;
  call.stop = limits.stop;
  const absl::Time start = absl::Now();
  absl::StatusOr<GitResult> result = RunGit(call);
  GitFailure failure = FailureOf(task, absl::Now() - start);
  failure.secrets = settings.secrets;
  failure.errors = std::string(result.status().message());
  if (absl::IsDeadlineExceeded(result.status())) {
    return GitFailureStatus(failure, {task.phase, "REMOTE_UNREACHABLE",
                                      absl::StatusCode::kUnavailable});
  }
  if (absl::IsResourceExhausted(result.status())) {
    return GitFailureStatus(failure, {task.phase, "FETCH_FAILED",
                                      absl::StatusCode::kFailedPrecondition});
  }
  ORRERY_RETURN_IF_ERROR(result.status());
  if (result->exit_code == 0) return std::move(result->output);
  failure.errors = std::move(result->errors);
  return GitFailureStatus(failure);
}

absl::StatusOr<RefList> GitRemote::List(const AccessLimits& limits) const {
  const Task task = {.doing = "listing the refs of",
                     .phase = "waiting for its refs",
                     .max_output_bytes = kMaxListingBytes};
  const absl::Time start = absl::Now();
  ORRERY_ASSIGN_OR_RETURN(
      const std::string output,
      Run({"ls-remote", "--symref", "--", url_.text}, task, limits));
  GitFailure failure = FailureOf(task, absl::Now() - start);
  if (output.empty() && url_.scheme != UrlScheme::kSsh) {
    failure.errors =
        "there are no refs; either it has no commits yet, or the address leads "
        "to something else, such as a web page";
    return GitFailureStatus(failure,
                            {"looking for a repository", "NO_REPOSITORY",
                             absl::StatusCode::kFailedPrecondition});
  }
  RefList list;
  for (const absl::string_view line : absl::StrSplit(output, '\n')) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits('\t', 1));
    absl::string_view name = parts.second;
    absl::string_view value = parts.first;
    if (absl::ConsumePrefix(&value, "ref: ")) {
      if (name == "HEAD") list.head = std::string(value);
      continue;
    }
    const absl::StatusOr<ObjectId> id = ObjectId::ParseHex(value);
    if (value.size() == 64) {
      failure.errors =
          "it has the sha256 object format, and only sha1 is supported";
      return GitFailureStatus(failure,
                              {"comparing object formats", "NO_REPOSITORY",
                               absl::StatusCode::kFailedPrecondition,
                               signing::RefusalCode::kGitObject});
    }
    if (!id.ok() || name == "HEAD") continue;
    // The commit behind a tag object comes in a line of its own after the tag.
    absl::ConsumeSuffix(&name, "^{}");
    list.refs[std::string(name)] = *id;
  }
  return list;
}

absl::Status GitRemote::Fetch(const std::string& clone,
                              const std::set<std::string>& refs,
                              const AccessLimits& limits) const {
  std::error_code error;
  if (!std::filesystem::exists(clone + "/HEAD", error)) {
    ORRERY_RETURN_IF_ERROR(
        Run({"init", "--quiet", "--bare", "--template=", "--object-format=sha1",
             "--", clone},
            {.doing = "preparing the clone of", .phase = "making files"},
            limits)
            .status());
  }
  std::vector<std::string> arguments = {
      // Named, so that no repository above it is taken for a damaged one.
      absl::StrCat("--git-dir=", clone), "fetch", "--quiet", "--no-tags",
      "--force", "--no-recurse-submodules", "--no-write-fetch-head",
      "--no-auto-maintenance",
      // A remote that is shallow itself has all that is served.
      "--update-shallow"};
  if (url_.scheme != UrlScheme::kSsh) {
    // Endless, which changes nothing but that git refuses servers that only
    // hand out files: from these it would take objects unchecked, one by one,
    // without end.
    arguments.push_back("--depth=2147483647");
  }
  arguments.insert(arguments.end(), {"--", url_.text});
  for (const std::string& ref : refs) {
    arguments.push_back(absl::StrCat("+", ref, ":", ref));
  }
  return Run(std::move(arguments),
             {.doing = "fetching",
              .phase = "receiving objects",
              .max_file_bytes = options_.max_fetch_bytes},
             limits)
      .status();
}

absl::Status GitRemote::Repack(const std::string& clone, Packs packs,
                               const AccessLimits& limits) const {
  std::vector<std::string> arguments = {absl::StrCat("--git-dir=", clone),
                                        "repack", "-d", "-l", "-q"};
  arguments.push_back(packs == Packs::kAll ? "-a" : "--geometric=2");
  return Run(std::move(arguments),
             {.doing = "repacking the clone of", .phase = "joining packs"},
             limits)
      .status();
}

}  // namespace orrery::registry

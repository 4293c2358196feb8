#include "server/process/flags.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "resolver/spelling.h"
#include "server/process/config_file.h"
#include "third_party/absl/status_macros.h"

namespace orrery::server {
namespace {

enum class Shape : uint8_t { kText, kList, kSwitch };

struct Setting {
  // As a flag; with underscores it is the key of the config file, and the end
  // of ORRERY_* in upper case.
  const char* name;
  Shape shape;
  const char* placeholder;
  const char* help;
};

constexpr Setting kSettings[] = {
    {"data-dir", Shape::kText, "DIR", "directory that holds all state"},
    {"http-listen", Shape::kText, "HOST:PORT",
     "HTTP listener (127.0.0.1:7070); port 0 picks a free one"},
    {"grpc-listen", Shape::kText, "HOST:PORT",
     "gRPC listener (127.0.0.1:7071)"},
    {"config", Shape::kText, "FILE", "TOML file with these settings"},
    {"log-format", Shape::kText, "json|text",
     "format of the log on stderr (text on a terminal)"},
    {"allow-local-sources", Shape::kSwitch, "true|false",
     "follow paths, file://, plain http:// and loopback remotes (true as long "
     "as only loopback is listened on)"},
    {"poll-interval", Shape::kText, "TIME",
     "how often sources are looked at (5m)"},
    {"stall-limit", Shape::kText, "TIME",
     "gives up a remote from which nothing useful came for so long (60s)"},
    {"log-origin", Shape::kText, "ORIGIN",
     "name of a new log (host name and a part of the log's key); kept from "
     "then on"},
    {"checkpoint-witness", Shape::kText, "FILE",
     "keeps the newest checkpoint of the log outside of --data-dir, so that "
     "one from a backup is noticed"},
    {"read-only", Shape::kSwitch, "", "log nothing and sign nothing"},
    {"insecure", Shape::kSwitch, "",
     "listen on other addresses than loopback although nobody has to log in"},
    {"allowed-host", Shape::kList, "NAME",
     "name by which clients call this server; may be repeated"},
    {"allowed-origin", Shape::kList, "ORIGIN",
     "origin whose web pages may call this server; may be repeated"},
    {"help", Shape::kSwitch, "", "show this text"},
    {"version", Shape::kSwitch, "", "show the version"},
};

const Setting* FindSetting(absl::string_view name) {
  const auto* found = std::find_if(
      std::begin(kSettings), std::end(kSettings),
      [name](const Setting& setting) { return name == setting.name; });
  return found == std::end(kSettings) ? nullptr : found;
}

std::string ConfigKey(const Setting& setting) {
  return absl::StrReplaceAll(setting.name, {{"-", "_"}});
}

std::string VariableName(const Setting& setting) {
  return absl::StrCat("ORRERY_", absl::AsciiStrToUpper(ConfigKey(setting)));
}

absl::Status UnknownSetting(absl::string_view what, absl::string_view given,
                            const std::vector<std::string>& known) {
  const auto nearest = resolver::NearestWords(given, known, 1);
  return absl::InvalidArgumentError(absl::StrCat(
      "unknown ", what, " '", given, "'",
      nearest.empty() ? ", see orreryd --help"
                      : absl::StrCat(", did you mean '", nearest[0], "'?")));
}

absl::StatusOr<Settings> SettingsOfArguments(
    const std::vector<std::string>& arguments) {
  std::vector<std::string> known;
  for (const Setting& setting : kSettings) {
    known.push_back(absl::StrCat("--", setting.name));
  }
  Settings settings;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::pair<std::string, std::string> split =
        absl::StrSplit(arguments[i], absl::MaxSplits('=', 1));
    absl::string_view name = split.first;
    if (name == "-h") name = "--help";
    const Setting* setting =
        absl::ConsumePrefix(&name, "--") ? FindSetting(name) : nullptr;
    if (setting == nullptr) return UnknownSetting("flag", split.first, known);
    std::string value = split.second;
    if (!absl::StrContains(arguments[i], "=")) {
      if (setting->shape == Shape::kSwitch) {
        value = "true";
      } else if (++i < arguments.size()) {
        value = arguments[i];
      } else {
        return absl::InvalidArgumentError(
            absl::StrCat("--", name, " wants a value: ", setting->placeholder));
      }
    }
    std::vector<std::string>& values = settings[setting->name];
    if (!values.empty() && setting->shape != Shape::kList) {
      return absl::InvalidArgumentError(
          absl::StrCat("--", name, " is given twice"));
    }
    values.push_back(std::move(value));
  }
  return settings;
}

// Adds what is in the environment and not yet in `settings`.
void AddEnvironment(const FlagSources& sources, Settings* settings) {
  for (const Setting& setting : kSettings) {
    const char* value = sources.environment(VariableName(setting).c_str());
    if (value == nullptr || settings->count(setting.name) > 0) continue;
    std::vector<std::string> values = {value};
    if (setting.shape == Shape::kList) {
      values = absl::StrSplit(value, ',', absl::SkipWhitespace());
      for (std::string& item : values) absl::StripAsciiWhitespace(&item);
    }
    (*settings)[setting.name] = std::move(values);
  }
}

// Adds what is in the config file and not yet in `settings`.
absl::Status AddConfigFile(const FlagSources& sources, Settings* settings) {
  const auto path = settings->find("config");
  if (path == settings->end()) return absl::OkStatus();
  const std::string file = path->second.front();
  ORRERY_ASSIGN_OR_RETURN(const std::string text, sources.read_file(file));
  auto parsed = ParseConfig(text);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ": ", parsed.status().message()));
  }
  std::vector<std::string> known;
  for (const Setting& setting : kSettings) known.push_back(ConfigKey(setting));
  for (auto& [key, values] : *parsed) {
    const std::string name = absl::StrReplaceAll(key, {{"_", "-"}});
    const Setting* setting = FindSetting(name);
    if (setting == nullptr || absl::StrContains(key, "-")) {
      return UnknownSetting(absl::StrCat("setting in ", file, ":"), key, known);
    }
    if (setting->shape != Shape::kList && values.size() != 1) {
      return absl::InvalidArgumentError(
          absl::StrCat(file, ": '", key, "' takes one value"));
    }
    settings->emplace(name, std::move(values));
  }
  return absl::OkStatus();
}

// Reads the collected texts by type; absent settings leave `target` alone.
class SettingReader {
 public:
  explicit SettingReader(const Settings& settings) : settings_(settings) {}

  void Text(const char* name, std::string* target) const {
    if (Has(name)) *target = settings_.at(name).front();
  }
  void List(const char* name, std::vector<std::string>* target) const {
    if (Has(name)) *target = settings_.at(name);
  }
  absl::Status Switch(const char* name, bool* target) const {
    if (!Has(name)) return absl::OkStatus();
    const std::string& value = settings_.at(name).front();
    *target = value == "true";
    if (value == "true" || value == "false") return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("--", name, " is true or false, found '", value, "'"));
  }
  absl::Status Time(const char* name, absl::Duration* target) const {
    if (!Has(name)) return absl::OkStatus();
    const std::string& value = settings_.at(name).front();
    if (absl::ParseDuration(value, target) && *target >= absl::Seconds(1) &&
        *target <= absl::Hours(24)) {
      return absl::OkStatus();
    }
    return absl::InvalidArgumentError(
        absl::StrCat("--", name,
                     " is a time such as 30s or 5m, from 1s to "
                     "24h, found '",
                     value, "'"));
  }
  absl::Status Address(const char* name, ListenAddress* target) const {
    if (!Has(name)) return absl::OkStatus();
    auto address = ParseListenAddress(settings_.at(name).front());
    if (!address.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--", name, ": ", address.status().message()));
    }
    *target = *address;
    return absl::OkStatus();
  }
  bool Has(const char* name) const {
    const auto found = settings_.find(name);
    return found != settings_.end() && !found->second.empty();
  }

 private:
  const Settings& settings_;
};

absl::Status ReadLogFormat(const SettingReader& reader, Flags* flags) {
  std::string format;
  reader.Text("log-format", &format);
  if (format == "json") flags->log_format = LogFormat::kJson;
  if (format == "text") flags->log_format = LogFormat::kText;
  if (format.empty() || flags->log_format.has_value()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--log-format is json or text, found '", format, "'"));
}

absl::Status CheckExposure(const Flags& flags, bool insecure) {
  for (const ListenAddress& address : {flags.http_listen, flags.grpc_listen}) {
    if (insecure || IsLoopback(address)) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "refusing to listen on ", FormatListenAddress(address),
        ": whoever reaches that address could install and run software here, "
        "as nobody has to log in; use a loopback address, or --insecure if "
        "the network is trusted"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Flags> ReadSettings(const Settings& settings) {
  const SettingReader reader(settings);
  Flags flags;
  bool insecure = false;
  reader.Text("data-dir", &flags.data_dir);
  reader.List("allowed-host", &flags.allowed_hosts);
  reader.List("allowed-origin", &flags.allowed_origins);
  ORRERY_RETURN_IF_ERROR(reader.Address("http-listen", &flags.http_listen));
  ORRERY_RETURN_IF_ERROR(reader.Address("grpc-listen", &flags.grpc_listen));
  ORRERY_RETURN_IF_ERROR(ReadLogFormat(reader, &flags));
  ORRERY_RETURN_IF_ERROR(reader.Time("poll-interval", &flags.poll_interval));
  ORRERY_RETURN_IF_ERROR(reader.Time("stall-limit", &flags.stall_limit));
  reader.Text("log-origin", &flags.log_origin);
  reader.Text("checkpoint-witness", &flags.checkpoint_witness);
  ORRERY_RETURN_IF_ERROR(reader.Switch("read-only", &flags.read_only));
  ORRERY_RETURN_IF_ERROR(reader.Switch("insecure", &insecure));
  flags.allow_local_sources =
      IsLoopback(flags.http_listen) && IsLoopback(flags.grpc_listen);
  ORRERY_RETURN_IF_ERROR(
      reader.Switch("allow-local-sources", &flags.allow_local_sources));
  if (flags.data_dir.empty()) {
    return absl::InvalidArgumentError(
        "--data-dir is missing: name the directory that holds the state");
  }
  ORRERY_RETURN_IF_ERROR(CheckExposure(flags, insecure));
  return flags;
}

}  // namespace

absl::StatusOr<Flags> ParseFlags(const std::vector<std::string>& arguments,
                                 const FlagSources& sources) {
  ORRERY_ASSIGN_OR_RETURN(Settings settings, SettingsOfArguments(arguments));
  Flags flags;
  const SettingReader reader(settings);
  ORRERY_RETURN_IF_ERROR(reader.Switch("help", &flags.help));
  ORRERY_RETURN_IF_ERROR(reader.Switch("version", &flags.version));
  if (flags.help || flags.version) return flags;
  AddEnvironment(sources, &settings);
  ORRERY_RETURN_IF_ERROR(AddConfigFile(sources, &settings));
  return ReadSettings(settings);
}

std::string FlagsHelp() {
  std::string text =
      "orreryd: the Orrery registry and catalog service\n\n"
      "  orreryd --data-dir DIR [flags]\n\nFlags:\n";
  for (const Setting& setting : kSettings) {
    const std::string flag = absl::StrCat(
        "--", setting.name, *setting.placeholder == '\0' ? "" : " ",
        setting.placeholder);
    absl::StrAppendFormat(&text, "  %-34s %s\n", flag, setting.help);
  }
  absl::StrAppend(
      &text,
      "\nEach setting may also be a variable (ORRERY_HTTP_LISTEN) or a key of "
      "the\nconfig file (http_listen); flags win over variables, variables "
      "over "
      "the file.\nExit codes: 0 stopped, 1 failed, 4 the data directory is in "
      "use, 64 wrong usage.\n");
  return text;
}

}  // namespace orrery::server

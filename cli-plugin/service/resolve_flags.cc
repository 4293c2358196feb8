#include "cli-plugin/service/resolve_flags.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli-plugin/catalog/package_reference.h"
#include "cli-plugin/service/install_options.h"
#include "cli-plugin/service/service_commands.h"

#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

JsonValue Texts(const std::vector<std::string>& texts) {
  JsonValue list = JsonValue::Array();
  for (const std::string& text : texts) {
    list.items().push_back(JsonValue::String(text));
  }
  return list;
}

// The service that an item means: `kafka@prod` of `kafka@prod@>=2`.
absl::StatusOr<std::string> NodeOf(const std::string& text) {
  ORRERY_ASSIGN_OR_RETURN(const PackageReference item, ParseItem(text));
  return item.service.empty() ? item.name
                              : absl::StrCat(item.name, "@", item.service);
}

absl::StatusOr<JsonValue> OptionsOf(const std::vector<std::string>& items,
                                    const Invocation& invocation,
                                    CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(
      InstallOptions built,
      BuildInstallOptions(invocation.flags(), JsonValue(),
                          context.terminal->streams().read_all));
  if (items.size() != 1) return std::move(built.options);
  ORRERY_ASSIGN_OR_RETURN(const std::string node, NodeOf(items.front()));
  return JsonValue::Object({{node, std::move(built.options)}});
}

// `--pre` lets all in, `--pre=PKG` those of a package.
void AddPrereleases(const Invocation& invocation, JsonValue* request) {
  std::vector<std::string> packages;
  for (const std::string& value : invocation.Texts("pre")) {
    if (value == "true") {
      request->Set("allow_prereleases", JsonValue::Bool(true));
    } else if (value != "false") {
      packages.push_back(value);
    }
  }
  if (!packages.empty()) request->Set("prereleases_of", Texts(packages));
}

}  // namespace

std::vector<Flag> ChoiceFlags() {
  return {{.name = "update",
           .value = "SERVICE",
           .help = "get the newest for it although it runs; * means all",
           .kind = ValueKind::kService,
           .repeatable = true},
          {.name = "remove",
           .value = "SERVICE",
           .help = "as if it were not there",
           .kind = ValueKind::kService,
           .repeatable = true},
          {.name = "bind",
           .value = "CONSUMER:PKG=SERVICE",
           .help = "which service of PKG the consumer uses",
           .repeatable = true},
          {.name = "pre",
           .help = "let pre-releases in; --pre=PKG those of one package",
           .repeatable = true,
           .optional_value = "PKG"},
          {.name = "exclude",
           .value = "PKG",
           .help = "never choose it",
           .kind = ValueKind::kPackage,
           .repeatable = true},
          {.name = "hold",
           .value = "SERVICE",
           .help = "leave it at what it runs",
           .kind = ValueKind::kService,
           .repeatable = true},
          {.name = "tree",
           .value = "PKG=h1:...",
           .help = "of PKG only the release with this content",
           .repeatable = true},
          {.name = "steps",
           .value = "N",
           .help = "give up after so many steps of the search"},
          {.name = "allow-removal", .help = "let services go that do not fit"},
          {.name = "allow-downgrade",
           .help = "let services go back to an older release"},
          {.name = "allow-source-change",
           .help = "let services go on with another source"}};
}

void AddChoices(const Invocation& invocation, JsonValue* request) {
  const std::pair<const char*, const char*> lists[] = {
      {"update", "update"}, {"remove", "remove"}, {"exclude", "exclude"},
      {"hold", "hold"},     {"bind", "bindings"}, {"tree", "trees"}};
  for (const auto& [flag, member] : lists) {
    if (invocation.Has(flag)) {
      request->Set(member, Texts(invocation.Texts(flag)));
    }
  }
  // The server says what is wrong with another text.
  if (int steps = 0; invocation.Has("steps")) {
    const std::string text = invocation.Text("steps");
    request->Set("steps", absl::SimpleAtoi(text, &steps)
                              ? JsonValue::Integer(steps)
                              : JsonValue::String(text));
  }
  const std::pair<const char*, const char*> switches[] = {
      {"allow-removal", "allow_removal"},
      {"allow-downgrade", "allow_downgrade"},
      {"allow-source-change", "allow_source_change"}};
  for (const auto& [flag, member] : switches) {
    if (invocation.Has(flag)) request->Set(member, JsonValue::Bool(true));
  }
  AddPrereleases(invocation, request);
}

std::vector<Flag> ResolveFlags() {
  std::vector<Flag> flags = {
      ClusterFlag(),
      {.name = "no-cluster",
       .help = "for no cluster: demands on one hold, and are listed"},
      {.name = "installed",
       .help = "with the services of the cluster; else it counts as empty"},
      {.name = "options",
       .value = "FILE",
       .help = "options of what is asked for, or of several by service",
       .kind = ValueKind::kFile,
       .repeatable = true}};
  for (Flag& flag : ChoiceFlags()) flags.push_back(std::move(flag));
  return flags;
}

absl::StatusOr<JsonValue> ResolveRequest(const std::vector<std::string>& items,
                                         const Invocation& invocation,
                                         CommandContext& context) {
  if (invocation.Has("no-cluster") &&
      (invocation.Has("cluster") || invocation.Has("installed"))) {
    return UsageError(
        "--no-cluster goes with neither --cluster nor "
        "--installed");
  }
  JsonValue request = JsonValue::Object({{"items", Texts(items)}});
  if (!invocation.Has("no-cluster")) {
    request.Set("cluster", JsonValue::String(ClusterOf(invocation)));
  }
  AddChoices(invocation, &request);
  if (invocation.Has("installed")) {
    request.Set("installed", JsonValue::Bool(true));
  }
  // They speak of what runs.
  for (const char* flag : {"update", "remove", "hold"}) {
    if (invocation.Has(flag)) {
      request.Set("installed", JsonValue::Bool(true));
    }
  }
  if (invocation.Has("options")) {
    ORRERY_ASSIGN_OR_RETURN(JsonValue options,
                            OptionsOf(items, invocation, context));
    request.Set("options", std::move(options));
  }
  return request;
}

}  // namespace orrery::cli

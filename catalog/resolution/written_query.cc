#include "catalog/resolution/written_query.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "catalog/resolution/lock_file.h"
#include "catalog/resolution/request_item.h"
#include "registry/format/json_parse.h"
#include "resolver/package_name.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

// The text, if it can name a package: facts have names too.
absl::StatusOr<std::string> PackageOf(absl::string_view text) {
  ORRERY_RETURN_IF_ERROR(resolver::PackageName::Parse(text).status());
  return std::string(text);
}

absl::StatusOr<AskedBinding> BindingOf(absl::string_view text) {
  const size_t colon = text.find(':');
  const size_t equals = text.find('=');
  if (colon == absl::string_view::npos || equals == absl::string_view::npos ||
      equals < colon || equals + 1 == text.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "cannot read binding \"", text, "\": write CONSUMER:PACKAGE=SERVICE"));
  }
  AskedBinding binding;
  ORRERY_ASSIGN_OR_RETURN(binding.consumer,
                          ParseNodeName(text.substr(0, colon)));
  ORRERY_ASSIGN_OR_RETURN(
      binding.package, PackageOf(text.substr(colon + 1, equals - colon - 1)));
  binding.instance = std::string(text.substr(equals + 1));
  return binding;
}

absl::Status ReadNodes(const std::vector<std::string>& texts,
                       std::vector<NodeName>* out) {
  for (const std::string& text : texts) {
    ORRERY_ASSIGN_OR_RETURN(NodeName node, ParseNodeName(text));
    out->push_back(std::move(node));
  }
  return absl::OkStatus();
}

absl::Status ReadOptions(const std::string& text, ResolveQuery* out) {
  if (text.empty()) return absl::OkStatus();
  const auto json = registry::ParseJson(text);
  if (!json.ok() || !json->root.is_object()) {
    return absl::InvalidArgumentError(
        "options must be one JSON object: options by service");
  }
  for (const auto& [node, options] : json->root.members()) {
    if (!options.is_object()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the options of ", node, " must be a JSON object"));
    }
    ORRERY_ASSIGN_OR_RETURN(const NodeName name, ParseNodeName(node));
    out->options[NodeText(name.package, name.instance)] = options;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ResolveQuery> ReadQuery(const WrittenQuery& written) {
  ResolveQuery query;
  query.cluster = written.cluster;
  for (const std::string& text : written.items) {
    ORRERY_ASSIGN_OR_RETURN(RequestItem item, ParseRequestItem(text));
    query.items.push_back(std::move(item));
  }
  query.installed = written.installed;
  for (const std::string& text : written.update) {
    if (text == "*") {
      query.update_all = true;
      continue;
    }
    ORRERY_ASSIGN_OR_RETURN(NodeName node, ParseNodeName(text));
    query.update.push_back(std::move(node));
  }
  ORRERY_RETURN_IF_ERROR(ReadNodes(written.remove, &query.remove));
  ORRERY_RETURN_IF_ERROR(ReadNodes(written.hold, &query.hold));
  // How a refusal names what was wanted.
  if (query.items.empty()) {
    query.verb = query.remove.empty() ? "upgrade" : "remove";
  }
  for (const std::string& text : written.exclude) {
    ORRERY_ASSIGN_OR_RETURN(std::string package, PackageOf(text));
    query.exclude.push_back(std::move(package));
  }
  for (const std::string& text : written.bindings) {
    ORRERY_ASSIGN_OR_RETURN(AskedBinding binding, BindingOf(text));
    query.bindings.push_back(std::move(binding));
  }
  for (const std::string& text : written.trees) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos) {
      return absl::InvalidArgumentError(absl::StrCat(
          "cannot read tree \"", text, "\": write PACKAGE=h1:..."));
    }
    ORRERY_ASSIGN_OR_RETURN(std::string package,
                            PackageOf(text.substr(0, equals)));
    query.trees.push_back({std::move(package), text.substr(equals + 1)});
  }
  ORRERY_RETURN_IF_ERROR(ReadOptions(written.options, &query));
  query.allow_prereleases = written.allow_prereleases;
  query.prereleases_of = written.prereleases_of;
  query.allow_removal = written.allow_removal;
  query.allow_downgrade = written.allow_downgrade;
  query.allow_source_change = written.allow_source_change;
  query.oldest_first = written.oldest_first;
  query.locked = written.locked;
  query.write_lock = written.write_lock;
  query.accept_suboptimal = written.accept_suboptimal;
  const struct {
    const char* name;
    int64_t asked;
    uint64_t* most;
  } steps[] = {
      {"steps", written.steps, &query.max_steps},
      {"explain_steps", written.explain_steps, &query.max_explain_steps},
      {"fix_steps", written.fix_steps, &query.max_fix_steps}};
  for (const auto& [name, asked, most] : steps) {
    if (asked < 0 || static_cast<uint64_t>(asked) > *most) {
      return absl::InvalidArgumentError(absl::StrCat(
          name, ": ", asked, ", wanted is a number from 0 to ", *most));
    }
    if (asked > 0) *most = static_cast<uint64_t>(asked);
  }
  if (!written.lock.empty()) {
    ORRERY_ASSIGN_OR_RETURN(query.lock, ParseLock(written.lock));
  } else if (query.locked) {
    return absl::InvalidArgumentError("locked without a lock");
  }
  return query;
}

}  // namespace orrery::catalog

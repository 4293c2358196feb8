#include "catalog/rendering/app_labels.h"

#include <algorithm>
#include <initializer_list>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "catalog/options/merge_options.h"
#include "catalog/options/schema_node.h"
#include "catalog/options/secret_option.h"
#include "third_party/absl/status_macros.h"
#include "zlib.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

constexpr size_t kMaxLabelBytes = size_t{1} << 20;

// The member, or an explicit null.
JsonValue MemberOrNull(const JsonValue& object, absl::string_view name) {
  const JsonValue* value = object.Find(name);
  return value == nullptr ? JsonValue() : *value;
}

// The members of those names in that order, null for each absent one; null if
// there is no object.
JsonValue Members(const JsonValue* object,
                  std::initializer_list<absl::string_view> names) {
  if (object == nullptr || !object->is_object()) return JsonValue();
  JsonValue result = JsonValue::Object();
  for (const absl::string_view name : names) {
    result.Set(name, MemberOrNull(*object, name));
  }
  return result;
}

JsonValue CliBinaries(const JsonValue* binaries) {
  JsonValue result = Members(binaries, {"windows", "linux", "darwin"});
  for (auto& platform : result.members()) {
    if (!platform.value.is_object()) continue;
    platform.value = Members(&platform.value, {"x86-64"});
    JsonValue* binary = platform.value.Find("x86-64");
    *binary = Members(binary, {"kind", "url", "contentHash"});
  }
  return result;
}

bool IsEmptyFile(const JsonValue* file) {
  return file == nullptr || (file->members().empty() && file->items().empty());
}

JsonValue Licenses(const JsonValue& package) {
  const JsonValue* licenses = package.Find("licenses");
  if (licenses == nullptr || !licenses->is_array()) return JsonValue();
  std::vector<JsonValue> items;
  for (const JsonValue& license : licenses->items()) {
    items.push_back(Members(&license, {"name", "url"}));
  }
  return JsonValue::Array(std::move(items));
}

JsonValue Marathon(absl::string_view marathon_template) {
  if (marathon_template.empty()) return JsonValue();
  JsonValue marathon = JsonValue::Object();
  marathon.Set("v2AppMustacheTemplate",
               JsonValue::String(absl::Base64Escape(marathon_template)));
  return marathon;
}

// Without time and name, so that equal releases give equal bytes.
absl::StatusOr<std::string> Gzip(absl::string_view text) {
  z_stream stream = {};
  constexpr int kGzipWindow = 15 + 16;
  constexpr int kDefaultMemory = 8;
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow,
                   kDefaultMemory, Z_DEFAULT_STRATEGY) != Z_OK) {
    return absl::InternalError("zlib cannot be initialised");
  }
  gz_header header = {};
  deflateSetHeader(&stream, &header);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in =
      reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));  // NOLINT
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) return absl::InternalError("zlib failed");
  return out;
}

JsonValue WithoutSecrets(const SchemaNode& node, const JsonValue& value,
                         const std::string& pointer) {
  JsonValue result = value;
  for (auto& [name, member] : result.members()) {
    const SchemaNode child = node.Child(name);
    const std::string at = absl::StrCat(pointer, registry::PointerStep(name));
    if (IsSecretOption(name, child, member)) {
      JsonValue reference = JsonValue::Object();
      reference.Set("$secret", JsonValue::String(at));
      member = std::move(reference);
    } else {
      member = WithoutSecrets(child, member, at);
    }
  }
  const SchemaNode item = node.Item();
  for (size_t i = 0; i < result.items().size(); ++i) {
    result.items()[i] =
        WithoutSecrets(item, result.items()[i], absl::StrCat(pointer, "/", i));
  }
  return result;
}

}  // namespace

JsonValue ResourceContext(const JsonValue& resource,
                          absl::string_view packaging_version) {
  const bool has_cli = packaging_version != "2.0";
  JsonValue result = has_cli ? Members(&resource, {"assets", "images", "cli"})
                             : Members(&resource, {"assets", "images"});
  if (JsonValue* assets = result.Find("assets"); assets->is_object()) {
    *assets = Members(assets, {"uris", "container"});
    JsonValue* container = assets->Find("container");
    *container = Members(container, {"docker"});
  }
  JsonValue* images = result.Find("images");
  *images = Members(images,
                    {"icon-small", "icon-medium", "icon-large", "screenshots"});
  if (JsonValue* cli = result.Find("cli")) {
    *cli = Members(cli, {"binaries"});
    if (JsonValue* binaries = cli->Find("binaries")) {
      *binaries = CliBinaries(binaries);
    }
  }
  return result;
}

JsonValue MergedDefinition(const ReleaseDefinition& release) {
  const JsonValue& package = *release.package;
  const absl::string_view packaging = package.FindString("packagingVersion");
  const bool is_2 = packaging == "2.0";
  const bool is_3 = packaging == "3.0";
  const bool is_5 = packaging == "5.0";
  JsonValue out = JsonValue::Object();
  const auto copy = [&](std::initializer_list<absl::string_view> names) {
    for (const absl::string_view name : names) {
      out.Set(name, MemberOrNull(package, name));
    }
  };
  const auto config = [&release] {
    return IsEmptyFile(release.config) ? JsonValue() : *release.config;
  };
  const auto resource = [&release, packaging] {
    return IsEmptyFile(release.resource)
               ? JsonValue()
               : ResourceContext(*release.resource, packaging);
  };
  const auto command = [&release] {
    return IsEmptyFile(release.command) ? JsonValue() : *release.command;
  };
  copy({"packagingVersion", "name", "version"});
  out.Set("releaseVersion", JsonValue::Integer(release.release));
  copy({"maintainer", "description"});
  if (is_2) out.Set("marathon", Marathon(release.marathon_template));
  copy({"tags", "selected", "scm", "website", "framework", "preInstallNotes",
        "postInstallNotes", "postUninstallNotes"});
  out.Set("licenses", Licenses(package));
  if (is_2) {
    out.Set("resource", resource());
    out.Set("config", config());
    out.Set("command", command());
    return out;
  }
  copy({"minDcosReleaseVersion"});
  out.Set("marathon", Marathon(release.marathon_template));
  out.Set("resource", resource());
  out.Set("config", config());
  if (is_3) out.Set("command", command());
  if (is_5) {
    copy({"upgradesFrom", "downgradesTo"});
    out.Set("manager", Members(package.Find("manager"),
                               {"packageName", "minPackageVersion"}));
  }
  copy({"lastUpdated", "hasKnownIssues"});
  if (!is_3 && !is_5) copy({"upgradesFrom", "downgradesTo"});
  return out;
}

absl::StatusOr<std::string> DefinitionLabel(const ReleaseDefinition& release) {
  const absl::string_view packaging =
      release.package->FindString("packagingVersion");
  ORRERY_ASSIGN_OR_RETURN(const std::string zipped,
                          Gzip(WriteJson(MergedDefinition(release))));
  const std::string label = absl::Base64Escape(
      absl::StrCat("{\"metadata\":{\"Content-Type\":\"application/"
                   "vnd.dcos.universe.package+json;charset=utf-8;version=v",
                   packaging.substr(0, packaging.find('.')),
                   "\",\"Content-Encoding\":\"gzip\"},\"data\":\"",
                   absl::Base64Escape(zipped), "\"}"));
  if (label.size() > kMaxLabelBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the label DCOS_PACKAGE_DEFINITION has ", label.size(),
                     " bytes; the limit is ", kMaxLabelBytes));
  }
  return label;
}

std::string OptionsLabel(const JsonValue& options, const JsonValue* config) {
  const JsonValue no_schema = JsonValue::Object();
  const SchemaNode root =
      SchemaNode::Root(config == nullptr ? no_schema : *config);
  return absl::Base64Escape(
      WriteJson(WithoutSecrets(root, DropNulls(options), "")));
}

std::string SourceLabel(absl::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == absl::string_view::npos) return std::string(url);
  const size_t start = scheme + 3;
  const absl::string_view authority =
      url.substr(start, url.find_first_of("/?#", start) - start);
  const size_t at = authority.rfind('@');
  if (at == absl::string_view::npos) return std::string(url);
  // A user of http may be a token; one of ssh is only the account's name.
  absl::string_view user;
  if (!absl::StartsWithIgnoreCase(url, "http")) {
    user = authority.substr(0, std::min(at, authority.find(':')));
  }
  return absl::StrCat(url.substr(0, start), user, user.empty() ? "" : "@",
                      url.substr(start + at + 1));
}

}  // namespace orrery::catalog

#include "cli-plugin/trust/verify_report.h"

#include <cstdint>
#include <ostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "cli-plugin/text/json_member.h"
#include "cli-plugin/text/printable.h"
#include "cli-plugin/text/problem.h"
#include "cli-plugin/text/refusal_output.h"

#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

JsonValue Text(absl::string_view text) {
  return JsonValue::String(std::string(text));
}

JsonValue RegistryJson(const catalog::RegistryReport& registry) {
  JsonValue object = JsonValue::Object(
      {{"registry", Text(registry.id)},
       {"origin", Text(registry.origin)},
       {"size", JsonValue::Integer(static_cast<int64_t>(registry.size))},
       {"root", Text("sha256:" + registry.root.Hex())},
       {"quorum_time",
        JsonValue::Integer(static_cast<int64_t>(registry.quorum_time))},
       {"stale_by",
        JsonValue::Integer(absl::ToInt64Seconds(registry.stale_by))},
       {"first_use", JsonValue::Bool(registry.is_first_use)}});
  // With `quorum none` nobody says how old the checkpoint is.
  if (registry.quorum_time == 0) object.Set("freshness", Text("none"));
  return object;
}

JsonValue RevisionJson(const catalog::RevisionNews& news) {
  return JsonValue::Object(
      {{"registry", Text(news.registry)},
       {"source", Text(news.revision.source)},
       {"package", Text(news.package)},
       {"release", JsonValue::Integer(news.revision.release)},
       {"from", JsonValue::Integer(news.revision.from)},
       {"to", JsonValue::Integer(news.revision.to)},
       {"replaces", Text(news.revision.replaces.Text())},
       {"tree", Text(news.revision.tree.Text())}});
}

JsonValue ModeJson(const std::string& registry,
                   const signing::ModeSwitch& mode) {
  return JsonValue::Object(
      {{"registry", Text(registry)},
       {"source", Text(mode.source)},
       {"from", Text(signing::RevisionModeName(mode.from))},
       {"to", Text(signing::RevisionModeName(mode.to))},
       {"leaf", JsonValue::Integer(mode.leaf)}});
}

JsonValue EvidenceJson(const std::string& registry, const std::string& id) {
  return JsonValue::Object({{"registry", Text(registry)}, {"id", Text(id)}});
}

// The success object, with what was verified as member `name`.
JsonValue SuccessJson(absl::string_view name, std::vector<JsonValue> verified,
                      const TrustNews& news) {
  std::vector<JsonValue> registries;
  std::vector<JsonValue> evidence;
  std::vector<JsonValue> modes;
  for (const catalog::RegistryReport& registry : news.registries) {
    registries.push_back(RegistryJson(registry));
    for (const std::string& id : registry.evidence) {
      evidence.push_back(EvidenceJson(registry.id, id));
    }
    for (const signing::ModeSwitch& mode : registry.modes) {
      modes.push_back(ModeJson(registry.id, mode));
    }
  }
  std::vector<JsonValue> revisions;
  for (const catalog::RevisionNews& one : news.revisions) {
    revisions.push_back(RevisionJson(one));
  }
  return JsonValue::Object(
      {{"ok", JsonValue::Bool(true)},
       {"registries", JsonValue::Array(std::move(registries))},
       {std::string(name), JsonValue::Array(std::move(verified))},
       {"revisions", JsonValue::Array(std::move(revisions))},
       {"evidence", JsonValue::Array(std::move(evidence))},
       {"modes", JsonValue::Array(std::move(modes))}});
}

Table PackageTable(const std::vector<catalog::VerifiedRelease>& packages) {
  Table table;
  table.columns = {{"PACKAGE"},
                   {"RELEASE"},
                   {"VERSION"},
                   {"EVIDENCE"},
                   {"SOURCE"},
                   {"REGISTRY", /*wide=*/true},
                   {"STATE", /*wide=*/true},
                   {"TREE"}};
  for (const catalog::VerifiedRelease& package : packages) {
    const signing::AdmittedRevision& revision = package.revision;
    table.rows.push_back(
        {{package.package},
         {absl::StrCat(revision.key.release, "#", revision.key.revision)},
         {revision.version},
         {std::string(signing::EvidenceName(revision.evidence))},
         {revision.key.source},
         {package.registry},
         {std::string(signing::RevisionStateName(revision.state))},
         {revision.tree.Text()}});
  }
  return table;
}

}  // namespace

JsonValue AdmittedJson(const std::string& registry, const std::string& package,
                       const signing::AdmittedRevision& revision) {
  std::vector<JsonValue> principals;
  for (const std::string& principal : revision.principals) {
    principals.push_back(Text(principal));
  }
  JsonValue object = JsonValue::Object(
      {{"registry", Text(registry)},
       {"source", Text(revision.key.source)},
       {"package", Text(package)},
       {"release", JsonValue::Integer(revision.key.release)},
       {"revision", JsonValue::Integer(revision.key.revision)},
       {"version", Text(revision.version)},
       {"tree", Text(revision.tree.Text())},
       {"evidence", Text(signing::EvidenceName(revision.evidence))},
       {"principals", JsonValue::Array(std::move(principals))},
       {"state", Text(signing::RevisionStateName(revision.state))}});
  // Its maintainers sign it, and nothing here says that they are.
  if (const auto unbound = signing::RefusalOf(revision.anchor)) {
    object.Set("anchor", Text(signing::RefusalName(unbound->code)));
  }
  return object;
}

absl::StatusOr<TrustNews> ReadNews(const catalog::Verifier& verifier) {
  TrustNews news;
  ORRERY_ASSIGN_OR_RETURN(news.registries, verifier.Reports());
  news.revisions = verifier.News();
  return news;
}

Answer VerifyAnswer(const std::vector<catalog::VerifiedRelease>& packages,
                    const TrustNews& news) {
  Answer answer;
  std::vector<JsonValue> verified;
  for (const catalog::VerifiedRelease& package : packages) {
    verified.push_back(
        AdmittedJson(package.registry, package.package, package.revision));
    answer.names.push_back(package.package);
  }
  answer.document = SuccessJson("packages", std::move(verified), news);
  answer.lines_member = "packages";
  answer.table = PackageTable(packages);
  return answer;
}

Answer ServicesAnswer(const std::vector<JsonValue>& services,
                      const TrustNews& news) {
  Answer answer;
  std::vector<JsonValue> admitted;
  answer.table.columns = {{"SERVICE"}, {"CLUSTER"}, {"PACKAGE"}, {"RELEASE"}};
  for (const JsonValue& service : services) {
    JsonValue one = JsonValue::Object();
    for (const char* member :
         {"cluster", "name", "package", "release", "revision", "tree"}) {
      const JsonValue* const value = service.Find(member);
      if (value != nullptr) one.Set(member, *value);
    }
    admitted.push_back(std::move(one));
    answer.names.push_back(OneLine(MemberText(service, "name")));
    answer.table.rows.push_back({{MemberText(service, "name")},
                                 {MemberText(service, "cluster")},
                                 {MemberText(service, "package")},
                                 {MemberText(service, "release")}});
  }
  answer.document = SuccessJson("services", std::move(admitted), news);
  answer.lines_member = "services";
  return answer;
}

void TellRefusal(const absl::Status& refusal, CommandContext& context) {
  *context.terminal->streams().err
      << (context.terminal->writes_json()
              ? ProblemJson(refusal) + "\n"
              : absl::StrCat("orrery: ", ProblemText(refusal)))
      << std::flush;
}

void TellRefusedService(const JsonValue& service, const absl::Status& refusal,
                        CommandContext& context) {
  const std::string name = MemberText(service, "name");
  JsonValue object = RefusalJson(*signing::RefusalOf(refusal));
  object.Set("service", Text(name));
  object.Set("cluster", Text(MemberText(service, "cluster")));
  *context.terminal->streams().err
      << (context.terminal->writes_json()
              ? registry::WriteJson(object) + "\n"
              : absl::StrCat("orrery: service ", OneLine(name), " runs ",
                             ProblemText(refusal)))
      << std::flush;
}

std::string EvidenceLine(const std::string& registry, const std::string& id) {
  return absl::StrCat("registry ", registry, " contradicted itself: evidence ",
                      id, " is kept; `orrery log ack ", id,
                      "` when you have seen it");
}

std::vector<std::string> NewsLines(const TrustNews& news) {
  std::vector<std::string> lines;
  for (const catalog::RegistryReport& registry : news.registries) {
    for (const std::string& id : registry.evidence) {
      lines.push_back(EvidenceLine(registry.id, id));
    }
    if (registry.stale_by > absl::ZeroDuration()) {
      lines.push_back(absl::StrCat("the checkpoint of registry ", registry.id,
                                   " is older than max-age by ",
                                   absl::FormatDuration(registry.stale_by)));
    }
    for (const signing::ModeSwitch& mode : registry.modes) {
      lines.push_back(
          absl::StrCat("source ", mode.source, " of registry ", registry.id,
                       " is now ", signing::RevisionModeName(mode.to),
                       ", it was ", signing::RevisionModeName(mode.from)));
    }
  }
  for (const catalog::RevisionNews& one : news.revisions) {
    lines.push_back(absl::StrCat(one.package, "@release=", one.revision.release,
                                 " of source ", one.revision.source,
                                 " was changed: revision ", one.revision.to,
                                 " replaces ", one.revision.from));
  }
  return lines;
}

}  // namespace orrery::cli

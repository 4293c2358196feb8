// The JSON of answers, whole but for `stats` (resolver.md §14.3).

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"

#include "catalog/resolution/lock_file.h"
#include "catalog/resolution/outdated.h"
#include "catalog/resolution/resolution.h"
#include "catalog/resolution/resolution_fixture.h"
#include "catalog/resolution/why.h"
#include "registry/format/json_parse.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

// The text without its lines; members stay in order.
std::string Golden(const char* text) {
  return registry::WriteJson(registry::ParseJson(text)->root);
}

class ResolutionJsonTest : public ResolutionTest {
 protected:
  // Without `stats`, and with what a digest is of in its place. Texts have
  // tests of their own.
  static std::string Json(const Resolution& resolution) {
    JsonValue json = ResolutionToJson(resolution);
    json.Erase("stats");
    for (const char* name : {"lock", "text"}) {
      if (json.Find(name) != nullptr) {
        json.Set(name, JsonValue::String("its text"));
      }
    }
    std::string text = registry::WriteJson(json);
    for (const auto& [package, digest] : resolution.catalog) {
      text = absl::StrReplaceAll(
          text, {{digest, absl::StrCat("digest of ", package)}});
    }
    return text;
  }
};

TEST_F(ResolutionJsonTest, Solved) {
  builder_
      .AddRelease("app", 3, "3", Release("app", R"({"requires": [
          {"package": "db", "versions": ">=9"}]})"))
      .AddRelease("app", 2, "2",
                  Release("app", R"({"requires": [
          {"package": "db", "bind": [{"output": "at", "option": "/uri"}]},
          {"fact": "@label:rack"}]})",
                          R"(,"hasKnownIssues":true)"))
      .AddRelease("db", 1, "1", Release("db", R"({"outputs": {"at": {
          "type": "string", "value": ["db"]}},
          "requires": [{"package": "app"}]})"));
  EXPECT_EQ(Json(Resolve({"app"})), Golden(R"({
 "schema": 1, "status": "solved", "optimal": true, "cluster": null,
 "removed": 0, "changed": 0, "added": 2,
 "items": [
  {
   "node": "app", "package": "app", "instance": "app", "action": "add",
   "source": "example", "release": 2, "revision": 1, "version": "2",
   "from": null, "features": [], "why": ["db", "request:0"],
   "bindings": [
    {
     "option": "/uri", "provider": "db", "output": "at", "known": "planning",
     "overridden": false}],
   "notes": [
    {"code": "known-issues",
     "text": "the maintainers of app 2 know of issues"}]},
  {
   "node": "db", "package": "db", "instance": "db", "action": "add",
   "source": "example", "release": 1, "revision": 1, "version": "1",
   "from": null, "features": [], "why": ["app"], "bindings": [], "notes": []}],
 "order": [["app", "db"]],
 "catalog": {"app": "digest of app", "db": "digest of db"},
 "held": [
  {
   "node": "app", "version": "2", "newest": "3",
   "reason": "app 3 needs db >=9, and no release fits"}],
 "notes": [
  {"code": "cycle", "text": "app, db need each other"},
  {
   "code": "facts.unchecked",
   "text": "without a cluster nobody can say whether these hold: @label:rack"}],
 "unchecked": ["@label:rack"]})"));
}

TEST_F(ResolutionJsonTest, SolvedOnAClusterWithServices) {
  builder_
      .AddRelease("app", 1, "1", Release("app", R"({"requires": [
          {"package": "db", "versions": ">=2"}]})"))
      .AddRelease("db", 2, "2", Release("db"))
      .AddRelease("db", 1, "1", Release("db"))
      .AddRelease("old", 1, "1", Release("old"));
  Running("db", 1, "1");
  Running("old", 1, "1");
  query_.remove = {{"old", ""}};
  query_.write_lock = true;
  Resolution resolution = Resolve({"app"});
  resolution.lock = LockOf(query_, resolution);
  EXPECT_EQ(Json(resolution), Golden(R"({
 "schema": 1, "status": "solved", "optimal": true, "cluster": "dc1",
 "removed": 1, "changed": 1, "added": 1,
 "items": [
  {
   "node": "db", "package": "db", "instance": "db", "action": "change",
   "source": "example", "release": 2, "revision": 1, "version": "2",
   "from": {"release": 1, "version": "1"}, "features": [],
   "why": ["app", "installed"], "bindings": [], "notes": [],
   "reason": "app 1 needs db 2"},
  {
   "node": "app", "package": "app", "instance": "app", "action": "add",
   "source": "example", "release": 1, "revision": 1, "version": "1",
   "from": null, "features": [], "why": ["request:0"], "bindings": [],
   "notes": []},
  {
   "node": "old", "package": "old", "instance": "old", "action": "remove",
   "source": "", "release": 0, "revision": 1, "version": "",
   "from": {"release": 1, "version": "1"}, "features": [], "why": [],
   "bindings": [], "notes": []}],
 "order": [["db"], ["app"]],
 "catalog": {"app": "digest of app", "db": "digest of db"}, "held": [],
 "notes": [], "unchecked": [], "lock": "its text"})"));
}

TEST_F(ResolutionJsonTest, GaveUpAndNotKnownToBeTheBest) {
  builder_
      .AddRelease("app", 1, "1", Release("app", R"({"requires": [
          {"package": "db"}]})"))
      .AddRelease("db", 1, "1", Release("db"));
  Resolution resolution = Resolve({"db"});
  resolution.unfinished = resolver::Stage::kLeastChange;
  EXPECT_EQ(Json(resolution), Golden(R"({
 "schema": 1, "status": "solved", "optimal": false, "stage": "B",
 "cluster": null, "removed": 0, "changed": 0, "added": 1,
 "items": [
  {
   "node": "db", "package": "db", "instance": "db", "action": "add",
   "source": "example", "release": 1, "revision": 1, "version": "1",
   "from": null, "features": [], "why": ["request:0"], "bindings": [],
   "notes": []}],
 "order": [["db"]], "catalog": {"db": "digest of db"}, "held": [],
 "notes": [], "unchecked": []})"));
  query_.max_steps = 1;
  EXPECT_EQ(Json(Resolve({"app"})), Golden(R"({
 "schema": 1, "status": "gave_up", "limit": "steps", "stage": "A",
 "cluster": null})"));
  query_.is_out_of_time = [] { return true; };
  EXPECT_EQ(Json(Resolve({"app"})), Golden(R"({
 "schema": 1, "status": "gave_up", "limit": "time", "stage": "A",
 "cluster": null})"));
}

TEST_F(ResolutionJsonTest, EveryKindOfFact) {
  builder_
      .AddRelease("app", 1, "1", Release("app", R"({"requires": [
          {"package": "db", "versions": ">=2"}],
          "conflicts": [{"package": "foe"}],
          "bounds": [{"package": "side", "versions": "<2"}],
          "platform": {"@edition": "enterprise"}, "claims": ["vip:one"]})"))
      .AddRelease("db", 3, "3", Release("db", "", R"(,"upgradesFrom":["2"])"))
      .AddRelease("db", 2, "2", Release("db", "", R"(,"upgradesFrom":["0"])"))
      .AddRelease("db", 1, "1", Release("db"))
      .AddRelease("foe", 1, "1", Release("foe"))
      .AddRelease("side", 2, "2", Release("side"))
      .AddRelease("vip", 1, "1", Release("vip", R"({"claims": ["vip:one"]})"))
      .AddRelease("bad", 1, "1", Release("bad", R"({"requires": [{}]})"));
  EXPECT_EQ(Json(Resolve({"app", "foe"})), Golden(R"({
 "schema": 1, "status": "unsatisfiable", "cluster": null, "verb": "install",
 "facts": [
  {
   "id": 1, "kind": "request", "index": 0, "text": "app",
   "targets": [{"name": "app", "range": "*", "releases": "1"}],
   "sentence": "you ask for app"},
  {
   "id": 2, "kind": "request", "index": 1, "text": "foe",
   "targets": [{"name": "foe", "range": "*", "releases": "1"}],
   "sentence": "you ask for foe"},
  {
   "id": 3, "kind": "conflict", "subject": "app", "releases": "1",
   "targets": [{"name": "foe", "range": "*", "releases": "1"}],
   "sentence": "app 1 conflicts with foe 1"}],
 "fixes": [
  {
   "kind": "drop", "text": "do not ask for app", "effect": "adds foe 1",
   "removed": 0, "changed": 0, "added": 1},
  {
   "kind": "drop", "text": "do not ask for foe",
   "effect": "adds app 1; adds db 3", "removed": 0, "changed": 0, "added": 2}],
 "reduced": true,
 "text": "its text",
 "unknown": {}})"));
  EXPECT_EQ(Json(Resolve({"app", "side"})), Golden(R"({
 "schema": 1, "status": "unsatisfiable", "cluster": null, "verb": "install",
 "facts": [
  {
   "id": 1, "kind": "request", "index": 0, "text": "app",
   "targets": [{"name": "app", "range": "*", "releases": "1"}],
   "sentence": "you ask for app"},
  {
   "id": 2, "kind": "request", "index": 1, "text": "side",
   "targets": [{"name": "side", "range": "*", "releases": "2"}],
   "sentence": "you ask for side"},
  {
   "id": 3, "kind": "bound", "subject": "app", "releases": "1",
   "targets": [{"name": "side", "range": "<2", "releases": ""}],
   "sentence": "app 1 works only with side <2, and no release fits"}],
 "fixes": [
  {
   "kind": "drop", "text": "do not ask for app", "effect": "adds side 2",
   "removed": 0, "changed": 0, "added": 1},
  {
   "kind": "drop", "text": "do not ask for side",
   "effect": "adds app 1; adds db 3", "removed": 0, "changed": 0, "added": 2}],
 "reduced": true,
 "text": "its text",
 "unknown": {}})"));
  EXPECT_EQ(Json(Resolve({"app", "vip"})), Golden(R"({
 "schema": 1, "status": "unsatisfiable", "cluster": null, "verb": "install",
 "facts": [
  {
   "id": 1, "kind": "request", "index": 0, "text": "app",
   "targets": [{"name": "app", "range": "*", "releases": "1"}],
   "sentence": "you ask for app"},
  {
   "id": 2, "kind": "request", "index": 1, "text": "vip",
   "targets": [{"name": "vip", "range": "*", "releases": "1"}],
   "sentence": "you ask for vip"},
  {
   "id": 3, "kind": "claim", "claim": "vip:one", "nodes": ["app", "vip"],
   "sentence": "only one service can hold vip:one: app and vip want it"}],
 "fixes": [
  {
   "kind": "drop", "text": "do not ask for app", "effect": "adds vip 1",
   "removed": 0, "changed": 0, "added": 1},
  {
   "kind": "drop", "text": "do not ask for vip",
   "effect": "adds app 1; adds db 3", "removed": 0, "changed": 0, "added": 2}],
 "reduced": true,
 "text": "its text",
 "unknown": {}})"));
  EXPECT_EQ(Json(Resolve({"bad", "nobody"})), Golden(R"({
 "schema": 1, "status": "unsatisfiable", "cluster": null, "verb": "install",
 "facts": [
  {
   "id": 1, "kind": "request", "index": 0, "text": "bad",
   "targets": [{"name": "bad", "range": "*", "releases": "1"}],
   "sentence": "you ask for bad"},
  {
   "id": 2, "kind": "excluded", "package": "bad", "releases": "1",
   "reason": "its relations cannot be read",
   "sentence": "bad 1 cannot be chosen: its relations cannot be read"}],
 "fixes": [], "reduced": true,
 "text": "its text",
 "unknown": {"nobody": []}})"));
  Running("db", 1, "1");
  EXPECT_EQ(Json(Resolve({"db@>=2"})), Golden(R"({
 "schema": 1, "status": "unsatisfiable", "cluster": "dc1", "verb": "install",
 "facts": [
  {
   "id": 1, "kind": "request", "index": 0, "text": "db >=2",
   "targets": [{"name": "db", "range": ">=2", "releases": "2 and newer"}],
   "sentence": "you ask for db >=2"},
  {
   "id": 2, "kind": "edge", "node": "db", "version": "1", "releases": "1",
   "sentence": "db runs 1, from where only 1 can be reached"}],
 "fixes": [
  {
   "kind": "range", "text": "ask for db", "effect": "changes nothing",
   "removed": 0, "changed": 0, "added": 0},
  {
   "kind": "drop", "text": "do not ask for db >=2",
   "effect": "changes nothing", "removed": 0, "changed": 0, "added": 0}],
 "reduced": true,
 "text": "its text",
 "unknown": {}})"));
  query_.hold = {{"db", ""}};
  EXPECT_EQ(Json(Resolve({"app"})), Golden(R"({
 "schema": 1, "status": "unsatisfiable", "cluster": "dc1", "verb": "install",
 "facts": [
  {
   "id": 1, "kind": "request", "index": 0, "text": "app",
   "targets": [{"name": "app", "range": "*", "releases": "1"}],
   "sentence": "you ask for app"},
  {
   "id": 2, "kind": "needs", "subject": "app", "releases": "1",
   "targets": [{"name": "db", "range": ">=2", "releases": "2 and newer"}],
   "sentence": "app 1 needs db 2 and newer"},
  {
   "id": 3, "kind": "locked", "node": "db", "version": "1",
   "sentence": "db is locked to 1"}],
 "fixes": [
  {
   "kind": "drop", "text": "do not ask for app", "effect": "changes nothing",
   "removed": 0, "changed": 0, "added": 0}],
 "reduced": true,
 "text": "its text",
 "unknown": {}})"));
}

// Those that no question above leads to.
TEST_F(ResolutionJsonTest, FieldsOfTheOtherFacts) {
  using resolver::Fact;
  Resolution resolution;
  resolution.status = resolver::Status::kUnsatisfiable;
  resolution.verb = "upgrade";
  Fact keep;
  keep.kind = Fact::Kind::kKeep;
  keep.text = "1.0";
  keep.targets.emplace_back();
  keep.targets[0].text = "db@prod";
  resolution.told.push_back({keep, "kept", "", {""}});
  Fact limit;
  limit.kind = Fact::Kind::kLimit;
  limit.subject = "db";
  resolution.told.push_back({limit, "limited", "2.0 and newer", {}});
  Fact cluster;
  cluster.kind = Fact::Kind::kFact;
  cluster.subject = "@dcos";
  resolution.told.push_back({cluster, "has it", "2.0", {}});
  resolution.told.push_back({cluster, "has none", "", {}});
  EXPECT_EQ(Json(resolution), Golden(R"({
 "schema": 1, "status": "unsatisfiable", "cluster": null, "verb": "upgrade",
 "facts": [
  {"id": 1, "kind": "keep", "node": "db@prod", "version": "1.0",
   "sentence": "kept"},
  {"id": 2, "kind": "limit", "node": "db", "releases": "2.0 and newer",
   "sentence": "limited"},
  {"id": 3, "kind": "fact", "fact": "@dcos", "value": "2.0",
   "sentence": "has it"},
  {"id": 4, "kind": "fact", "fact": "@dcos", "value": null,
   "sentence": "has none"}],
 "fixes": [], "reduced": true, "text": "its text", "unknown": {}})"));
}

TEST_F(ResolutionJsonTest, WhyAndOutdated) {
  builder_
      .AddRelease("app", 1, "1", Release("app", R"({"requires": [
          {"package": "db", "versions": "<2"}]})"))
      .AddRelease("db", 2, "2", Release("db"))
      .AddRelease("db", 1, "1", Release("db"))
      .AddRelease("el", 3, "3.0",
                  Release("el", "", R"(,"upgradesFrom":["2.0"])"))
      .AddRelease("el", 2, "2.0",
                  Release("el", "", R"(,"upgradesFrom":["1.0"])"))
      .AddRelease("el", 1, "1.0", Release("el"))
      .AddRelease("zk", 2, "1.0-rc1", Release("zk"))
      .AddRelease("zk", 1, "0.9", Release("zk"));
  EXPECT_EQ(registry::WriteJson(*WhyToJson(Resolve({"app"}), "db")), Golden(R"({
 "schema": 1, "node": "db", "version": "1", "source": "example",
 "source_reason": "from source example",
 "chains": [
  [
   {"node": "app", "version": "1", "requirement": "you ask for app"},
   {"node": "db", "version": "1", "requirement": "db <2"}]]})"));
  Running("db", 1, "1");
  Running("app", 1, "1");
  Running("el", 1, "1.0");
  Running("zk", 1, "0.9");
  EXPECT_EQ(registry::WriteJson(*OutdatedToJson("dc1", Resolver())),
            Golden(R"({
 "schema": 1, "cluster": "dc1",
 "services": [
  {
   "node": "app", "version": "1", "release": 1,
   "reachable": {"release": 1, "version": "1", "source": "example"},
   "newest": {"release": 1, "version": "1", "source": "example"},
   "held": null, "notes": []},
  {
   "node": "db", "version": "1", "release": 1,
   "reachable": {"release": 1, "version": "1", "source": "example"},
   "newest": {"release": 2, "version": "2", "source": "example"},
   "held": "app 1 needs db 1", "notes": []},
  {
   "node": "el", "version": "1.0", "release": 1,
   "reachable": {"release": 2, "version": "2.0", "source": "example"},
   "newest": {"release": 3, "version": "3.0", "source": "example"},
   "held": "el runs 1.0, from where only 2.0 and older can be reached",
   "notes": []},
  {
   "node": "zk", "version": "0.9", "release": 1,
   "reachable": {"release": 1, "version": "0.9", "source": "example"},
   "newest": {"release": 1, "version": "0.9", "source": "example"},
   "held": "prerelease: zk 1.0-rc1 (release 2) is a pre-release; )"
                   R"(--pre=zk lets it in",
   "notes": []}]})"));
}

}  // namespace
}  // namespace orrery::catalog

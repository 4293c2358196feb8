#include "server/api/message_json.h"

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

#include "catalog/v1/operation.pb.h"
#include "catalog/v1/service.pb.h"
#include "registry/v1/package.pb.h"
#include "registry/v1/source.pb.h"

namespace orrery::server {
namespace {

namespace catalog = orrery::catalog::v1;
namespace registry = orrery::registry::v1;

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message));
  return message;
}

TEST(MessageJsonTest, AbsentIsNullAndEmptyListsArePrinted) {
  EXPECT_EQ(MessageJson(registry::Source()),
            R"({"name":"","url":"","ref":"","subdir":"","priority":0,)"
            R"("commit":null,"state":null,"error":null,"packages":0,)"
            R"("releases":0,"hidden":0,"refused":[],"findings":{},)"
            R"("sync_time":null,"last_success_time":null,)"
            R"("last_change_time":null,"next_attempt_time":null,)"
            R"("remote_commit":null,"legacy_releases":0,)"
            R"("token_file":null,"ssh_key_file":null,"known_hosts_file":null,)"
            R"("ca_file":null,"webhook_secret_file":null,)"
            R"("rejudged_releases":0,"refused_not_listed":0,)"
            R"("overlay_of":null,"overlays":0,)"
            R"("mode":null,"admit":null,"first_commit":null,)"
            R"("stalled_since":null,"pending":[]})");
}

TEST(MessageJsonTest, PrintsEachKindOfField) {
  const auto source = Parse<registry::Source>(R"pb(
    name: "a\"b"
    priority: -3
    commit: ""
    state: SOURCE_STATE_HELD
    packages: 9007199254740993
    refused { rule: "r" path: "p" line: 7 reason: "x" }
    sync_time { seconds: 1700000000 nanos: 120000000 }
    last_success_time { seconds: 1700000000 }
  )pb");
  EXPECT_EQ(MessageJson(source),
            R"({"name":"a\"b","url":"","ref":"","subdir":"","priority":-3,)"
            R"("commit":"","state":"held","error":null,)"
            R"("packages":9007199254740993,"releases":0,"hidden":0,)"
            R"("refused":[{"rule":"r","path":"p","pointer":null,"line":7,)"
            R"("reason":"x","step":"","code":null,"file":"",)"
            R"("package":null,"seq":null}],"findings":{},)"
            R"("sync_time":"2023-11-14T22:13:20.12Z",)"
            R"("last_success_time":"2023-11-14T22:13:20Z",)"
            R"("last_change_time":null,"next_attempt_time":null,)"
            R"("remote_commit":null,"legacy_releases":0,)"
            R"("token_file":null,"ssh_key_file":null,"known_hosts_file":null,)"
            R"("ca_file":null,"webhook_secret_file":null,)"
            R"("rejudged_releases":0,"refused_not_listed":0,)"
            R"("overlay_of":null,"overlays":0,)"
            R"("mode":null,"admit":null,"first_commit":null,)"
            R"("stalled_since":null,"pending":[]})");
}

TEST(MessageJsonTest, MapsAreSortedByKey) {
  registry::Source source;
  for (const char* rule : {"z", "a", "m", "dup-key"}) {
    (*source.mutable_findings())[rule] = 1;
  }
  EXPECT_NE(
      MessageJson(source).find(R"("findings":{"a":1,"dup-key":1,"m":1,"z":1})"),
      std::string::npos);
}

TEST(MessageJsonTest, DocumentsAreEmbeddedAsTheyAre) {
  registry::Release release;
  release.set_package("\xef\xbb\xbf{ \"n\": 1.50, \"x\": null }\n");
  EXPECT_EQ(MessageJson(release),
            R"({"name":"","release":0,"version":"","source":"",)"
            R"("package":{ "n": 1.50, "x": null },"config":null,)"
            R"("resource":null,"findings":[],"hidden":false,"relations":null,)"
            R"("relations_origin":"","requirements":[],)"
            R"("refused_relations":[],"tree":"","revision":0,"state":"",)"
            R"("evidence":"","yank_reason":null})");
}

TEST(MessageJsonTest, EnumWordsLoseThePrefixOfTheirType) {
  EXPECT_EQ(EnumWord(*registry::Severity_descriptor()->FindValueByNumber(2)),
            "warn");
  EXPECT_EQ(EnumWord(*catalog::ServiceState_descriptor()->FindValueByNumber(1)),
            "deploying");
  EXPECT_EQ(EnumWord(*catalog::PlanAction_descriptor()->FindValueByNumber(1)),
            "apply");
}

TEST(MessageJsonTest, UnknownEnumNumberIsNull) {
  registry::Source source;
  source.set_state(static_cast<registry::SourceState>(99));
  EXPECT_NE(MessageJson(source).find(R"("state":null)"), std::string::npos);
}

TEST(MessageJsonTest, NestedMessagesAndListsOfNumbers) {
  const auto task =
      Parse<catalog::Task>(R"pb(id: "t" ports: 31000 ports: 31001 pid: 12)pb");
  EXPECT_EQ(MessageJson(task),
            R"({"id":"t","state":"","health":"","pid":12,)"
            R"("start_time":null,"ports":[31000,31001],"sandbox":"",)"
            R"("reason":null,"limits_enforced":false,"disk_bytes":null})");
}

}  // namespace
}  // namespace orrery::server

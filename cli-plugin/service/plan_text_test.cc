#include "cli-plugin/service/plan_text.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/format/json_parse.h"

namespace orrery::cli {
namespace {

registry::JsonValue Parsed(absl::string_view text) {
  return registry::ParseJson(text)->root;
}

TEST(PlanTextTest, SaysWhatRunsWithWhatDigestsPortsAndMemory) {
  EXPECT_EQ(PlanText(Parsed(R"({"id":"0123456789abcdef","steps":[
      {"action":"apply","cluster":"local","service":"zk","package":"zk",
       "version":"3.9","release":1,"source":"u","instances":1,
       "tree":"h1:abc","artifacts":[{"uri":"artifact:zk.tar.gz",
                                     "sha256":"00ff"}],
       "manifest":{"cpus":0.5,"mem":256,
                   "portDefinitions":[{"name":"client","port":0},
                                      {"port":8080}]}},
      {"action":"apply","cluster":"local","service":"kafka","package":"kafka",
       "version":"3.8","release":2,"source":"u","instances":2,
       "after":["zk"],
       "manifest":{"cpus":1,"mem":512,"container":{"portMappings":[
           {"name":"broker","containerPort":9092,"hostPort":0}]}}}],
      "room":{"needed":{"cpus":2.5,"mem_mib":1280},
              "free":{"cpus":4,"mem_mib":8000}}})")),
            R"(plan 0123456789ab:
apply zk on local: zk 3.9 (release 1) from source u, 1 instance
  content h1:abc
  fetches artifact:zk.tar.gz sha256:00ff
  ports client assigned, 8080
  gets 0.5 cpus and 256 MiB of memory
apply kafka on local: kafka 3.8 (release 2) from source u, 2 instances
  ports broker assigned
  gets 1 cpus and 512 MiB of memory for each instance
  after zk
needs 2.5 cpus and 1280 MiB of memory; free are 4 cpus and 8000 MiB of memory)");
}

TEST(PlanTextTest, LateOptionIsToldByWhatItWaitsForAndNotByItsPlaceholder) {
  EXPECT_EQ(PlanText(Parsed(R"({"id":"0123456789abcdef","steps":[
      {"action":"apply","cluster":"local","service":"kafka","package":"kafka",
       "version":"3.8","release":2,"source":"u","instances":1,
       "computed":{"service":{"zk":"orrery-late-1","acl":true},
                   "log/dir":{"~uri":"orrery-late-2"}},
       "late":[{"option":"/service/zk","provider":"zk","output":"connect"},
               {"option":"/log~1dir/~0uri","provider":"hdfs",
                "output":"uri"}]}]})")),
            R"(plan 0123456789ab:
apply kafka on local: kafka 3.8 (release 2) from source u, 1 instance
  with {"service":{"acl":true}}
  /service/zk set when zk runs, to its output connect
  /log~1dir/~0uri set when hdfs runs, to its output uri)");
}

}  // namespace
}  // namespace orrery::cli

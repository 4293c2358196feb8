#include "catalog/orchestrator/local/local_rules.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/manifest/marathon_validation.h"
#include "registry/format/json_parse.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

struct Case {
  const char* name;
  // Members beside id and cmd.
  const char* members;
  // Of the violation; empty when the app may run.
  const char* path;
};

class LocalRulesTest : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    std::string pattern = absl::StrCat(::testing::TempDir(), "/rulesXXXXXX");
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    auto store = registry::ArtifactStore::Open(directory_);
    ASSERT_THAT(store, IsOk());
    store_ = *std::move(store);
    config_.allow_host_paths = {"/srv/shared"};
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  MarathonApp App(const std::string& members) {
    const auto document = registry::ParseJson(
        absl::StrCat(R"({"id":"/a","cmd":"run it",)", members, "}"));
    EXPECT_THAT(document, IsOk()) << members;
    CheckedApp checked = CheckMarathonApp(document->root, MarathonFeatures{});
    EXPECT_THAT(checked.violations, IsEmpty()) << members;
    return std::move(checked.app);
  }
  std::vector<Violation> Violations(const std::string& members,
                                    const std::vector<ArtifactPin>& pins = {}) {
    const ArtifactFetcher fetcher(store_.get(), config_.artifact_limits,
                                  config_.allow_host_paths);
    return FindLocalViolations(App(members), pins, config_, fetcher, *store_);
  }

  std::string directory_;
  LocalConfig config_;
  std::unique_ptr<registry::ArtifactStore> store_;
};

TEST_P(LocalRulesTest, SaysWhatCannotRunHere) {
  const std::vector<Violation> found = Violations(GetParam().members);
  if (GetParam().path[0] == '\0') {
    EXPECT_THAT(found, IsEmpty()) << found[0].path << found[0].text;
  } else {
    EXPECT_THAT(found, Contains(Field(&Violation::path, GetParam().path)));
  }
}

std::string CaseName(const ::testing::TestParamInfo<Case>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(
    All, LocalRulesTest,
    ::testing::Values(
        Case{"NulInTheEnvironment", R"("env":{"TEXT":"a\u0000b"})",
             "/env/TEXT"},
        Case{"LoneSurrogateInTheEnvironment", R"("env":{"TEXT":"\ud800"})",
             "/env/TEXT"},
        Case{"Plain", R"("instances":3)", ""},
        Case{"Image", R"("container":{"docker":{"image":"nginx"}})",
             "/container/docker/image"},
        Case{"Bridge", R"("networks":[{"mode":"container/bridge"}])",
             "/networks"},
        Case{"Gpus", R"("gpus":1)", "/gpus"},
        Case{"Executor", R"("executor":"/opt/executor")", "/executor"},
        Case{"CommandExecutor", R"("executor":"//cmd")", ""},
        Case{"Framework", R"("labels":{"DCOS_PACKAGE_FRAMEWORK_NAME":"hdfs"})",
             "/labels/DCOS_PACKAGE_FRAMEWORK_NAME"},
        Case{"ExternalVolume",
             R"("container":{"type":"MESOS","volumes":[{"containerPath":"/d",)"
             R"("mode":"RW","external":{"name":"v"}}]})",
             "/container/volumes(0)"},
        Case{"HostPathNotAllowed",
             R"("container":{"type":"MESOS","volumes":[{"containerPath":"d",)"
             R"("hostPath":"/etc","mode":"RO"}]})",
             "/container/volumes(0)/hostPath"},
        Case{"HostPathAllowed",
             R"("container":{"type":"MESOS","volumes":[{"containerPath":"d",)"
             R"("hostPath":"/srv/shared/x","mode":"RO"}]})",
             ""},
        Case{"ContainerPathElsewhere",
             R"("container":{"type":"MESOS","volumes":[{"containerPath":"/d",)"
             R"("hostPath":"/srv/shared/x","mode":"RO"}]})",
             "/container/volumes(0)/containerPath"},
        Case{"ContainerPathClimbs",
             R"("container":{"type":"MESOS","volumes":[{"containerPath":)"
             R"("../../d","hostPath":"/srv/shared/x","mode":"RO"}]})",
             "/container/volumes(0)/containerPath"},
        Case{"PersistentDots",
             R"("container":{"type":"MESOS","volumes":[{"containerPath":"..",)"
             R"("mode":"RW","persistent":{"size":1}}]})",
             "/container/volumes(0)/containerPath"},
        Case{"UniqueOfOne", R"("constraints":[["hostname","UNIQUE"]])", ""},
        Case{"UniqueOfTwo",
             R"("instances":2,"constraints":[["hostname","UNIQUE"]])",
             "/constraints(0)"},
        Case{"MaxPer",
             R"("instances":2,"constraints":[["rack","MAX_PER","1"]])",
             "/constraints(0)"},
        Case{"UnknownAttribute", R"("constraints":[["rack","LIKE","a.*"]])",
             "/constraints(0)"},
        Case{"UnlikeUnknown", R"("constraints":[["rack","UNLIKE","a.*"]])", ""},
        Case{"AnyHost", R"("constraints":[["hostname","LIKE",".*"]])", ""},
        Case{"GroupBy", R"("constraints":[["rack","GROUP_BY"]])", ""},
        Case{"UnknownUser", R"("user":"no-such-user")", "/user"},
        Case{"RootByName", R"("user":"root")", "/user"},
        Case{"FetchFile", R"("fetch":[{"uri":"file:///etc/passwd"}])",
             "/fetch(0)/uri"},
        Case{"FetchOtherScheme", R"("fetch":[{"uri":"ftp://h/a"}])",
             "/fetch(0)/uri"},
        Case{"FetchUnpinned", R"("fetch":[{"uri":"https://h/a.tgz"}])",
             "/fetch(0)/uri"},
        Case{"DestPathClimbs",
             R"("fetch":[{"uri":"https://h/a.tgz","destPath":"../x"}])",
             "/fetch(0)/destPath"}),
    CaseName);

TEST_F(LocalRulesTest, PinnedUriMayRun) {
  EXPECT_THAT(Violations(R"("fetch":[{"uri":"https://h/a.tgz"}])",
                         {{"https://h/a.tgz", std::string(64, 'a')}}),
              IsEmpty());
}

TEST_F(LocalRulesTest, LossesAreSaid) {
  const std::vector<std::string> losses = FindLocalLosses(
      App(R"("disk":10,"acceptedResourceRoles":["*"],)"
          R"("env":{"A":"http://leader.mesos:5050"},)"
          R"("portDefinitions":[{"labels":{"VIP_0":"/a:80"}}])"),
      config_);
  for (const char* const part : {"cpus and mem", "disk", "virtual IP", "DC/OS",
                                 "acceptedResourceRoles"}) {
    EXPECT_THAT(losses, Contains(HasSubstr(part)));
  }
}

TEST_F(LocalRulesTest, PropertiesThatOnlyLookLikeDcosNamesAreNoLoss) {
  EXPECT_THAT(
      FindLocalLosses(App(R"("env":{"A":"spark.mesos.role=x"})"), config_),
      Not(Contains(HasSubstr("DC/OS"))));
}

TEST_F(LocalRulesTest, RootIsSaidWhenNoUserIsNamed) {
  const auto losses = FindLocalLosses(App(R"("mem":1)"), config_);
  if (geteuid() == 0) {
    EXPECT_THAT(losses, Contains(HasSubstr("runs as root")));
  } else {
    EXPECT_THAT(losses, Not(Contains(HasSubstr("runs as root"))));
  }
}

}  // namespace
}  // namespace orrery::catalog

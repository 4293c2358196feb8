// How long a remote that fails, or asks for a pause, is left alone.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/registry.h"
#include "registry/remote_source_testing.h"
#include "registry/source/repository_access.h"
#include "registry/source/source_status.h"
#include "registry/source/webhook.h"
#include "registry/status/error_details.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;
using ::testing::Not;

using RemoteWaitTest = RemoteSourceTest;

// As many polls as there are sources come due at once.
TEST_F(RemoteWaitTest, OverloadedServerIsLeftAloneByAllSourcesOfTheUrl) {
  WriteProgram(folder_ + "/bin/fakegit",
               absl::StrCat("echo x >> ", folder_, "/ssh.log\n",
                            "echo \"fatal: unable to access 'x': The requested "
                            "URL returned error: 429\" >&2\nexit 128\n"));
  Open(folder_ + "/bin/fakegit", absl::Milliseconds(1));
  registry_->Start();
  for (int i = 0; i < 4; ++i) {
    const std::string name = absl::StrCat("s", i);
    ASSERT_THAT(registry_->AddSource(RemoteSource(name), {.skip_check = true}),
                IsOk());
    while (registry_->GetSource(name)->state != SyncState::kFailed) {
      absl::SleepFor(absl::Milliseconds(5));
    }
    EXPECT_EQ(Connections(), 1);
  }
  EXPECT_EQ(ReasonOf(Sync("s0")).reason, "RETRY_LATER");
  EXPECT_EQ(Connections(), 2);
}

TEST_F(RemoteWaitTest, OverloadedServerIsLeftAloneForFiveMinutes) {
  for (const char* code : {"429", "503"}) {
    WriteProgram(folder_ + "/bin/fakegit",
                 absl::StrCat("echo \"fatal: unable to access 'x': The "
                              "requested URL returned error: ",
                              code, "\" >&2\nexit 128\n"));
    Open(folder_ + "/bin/fakegit", absl::Seconds(1));
    Source source = RemoteSource(absl::StrCat("s", code));
    ASSERT_THAT(registry_->AddSource(source, {.skip_check = true}), IsOk());
    EXPECT_THAT(Sync(source.name), StatusIs(absl::StatusCode::kUnavailable));
    const auto status = registry_->GetSource(source.name);
    EXPECT_GE(*status->next_attempt_time - *status->sync_time,
              absl::Minutes(5));
  }
}

TEST_F(RemoteWaitTest, FailureDoublesTheWaitToHalfAnHourAndASyncForgetsIt) {
  const std::pair<absl::Duration, absl::Duration> waits[] = {
      {absl::Minutes(5), absl::Minutes(10)},
      {absl::Minutes(20), absl::Minutes(30)},
      {absl::Minutes(40), absl::Minutes(40)}};
  int number = 0;
  for (const auto& [interval, longest] : waits) {
    WriteProgram(folder_ + "/bin/fakegit",
                 "echo \"fatal: Could not resolve host: x\" >&2\nexit 128\n");
    Open(folder_ + "/bin/fakegit", interval);
    Source source = RemoteSource(absl::StrCat("s", number++));
    ASSERT_THAT(registry_->AddSource(source, {.skip_check = true}), IsOk());
    // Twice, as one failure: somebody asked for it.
    for (int i = 0; i < 2; ++i) {
      EXPECT_THAT(Sync(source.name), Not(IsOk()));
      const auto status = registry_->GetSource(source.name);
      const absl::Duration wait =
          *status->next_attempt_time - *status->sync_time;
      EXPECT_LE(wait, longest);
      EXPECT_GE(wait, 0.89 * longest);
    }
  }
}

TEST_F(RemoteWaitTest, RestartForgetsNeitherFailuresNorAPause) {
  absl::Time now = absl::UnixEpoch() + absl::Hours(1000);
  for (const char* code : {"404", "429"}) {
    WriteProgram(folder_ + "/bin/fakegit",
                 absl::StrCat("echo \"fatal: unable to access 'x': The "
                              "requested URL returned error: ",
                              code, "\" >&2\nexit 128\n"));
    const auto open = [&] {
      Open(folder_ + "/bin/fakegit", absl::Minutes(1), [&now] { return now; });
    };
    open();
    const Source source = RemoteSource(absl::StrCat("s", code));
    ASSERT_THAT(registry_->AddSource(source, {.skip_check = true}), IsOk());
    EXPECT_THAT(Sync(source.name), Not(IsOk()));
    const absl::Time next =
        *registry_->GetSource(source.name)->next_attempt_time;
    for (int restart = 0; restart < 3; ++restart) {
      now += absl::Seconds(10);
      open();
      const auto status = registry_->GetSource(source.name);
      EXPECT_EQ(status->next_attempt_time, next) << code;
      EXPECT_THAT(*status->error, HasSubstr(code));
    }
  }
}

TEST_F(RemoteWaitTest, RemoteThatAskedForAPauseGetsItFromAllSourcesOfIt) {
  WriteProgram(folder_ + "/bin/fakegit",
               absl::StrCat("echo x >> ", folder_, "/runs\nexit 128\n"));
  RepositoryAccess access({.clones = {.git_program = folder_ + "/bin/fakegit",
                                      .state_dir = folder_ + "/data"}});
  Source source = RemoteSource();
  access.LeaveAlone(source, "it is busy", absl::Minutes(4));
  source.name = "other";
  EXPECT_THAT(access.List(source, {}),
              StatusIs(absl::StatusCode::kUnavailable, "it is busy"));
  EXPECT_FALSE(fs::exists(folder_ + "/runs"));
  EXPECT_THAT(access.List(source, {.insist = true, .stop = {}}), Not(IsOk()));
  EXPECT_TRUE(fs::exists(folder_ + "/runs"));
}

// A delivery that the source's secret signs, as GitLab does.
absl::Status Notify(Registry& registry, const std::string& source) {
  WebhookFields fields;
  fields.gitlab_tokens = {"s3cret"};
  absl::StatusOr<WebhookDelivery> delivery =
      registry.BeginNotification(source, fields);
  if (!delivery.ok()) return delivery.status();
  return registry.EndNotification(source, *std::move(delivery)).status();
}
TEST_F(RemoteWaitTest, NotificationForgetsFailuresButNotTheFiveMinutes) {
  std::ofstream(folder_ + "/secret") << "s3cret";
  absl::Time now = absl::UnixEpoch() + absl::Hours(1000);
  const std::pair<const char*, absl::Duration> cases[] = {
      {"Could not resolve host: x", absl::Seconds(1)},
      {"The requested URL returned error: 503", absl::Minutes(5)}};
  for (const auto& [error, wait] : cases) {
    WriteProgram(folder_ + "/bin/fakegit",
                 absl::StrCat("echo \"fatal: ", error, "\" >&2\nexit 128\n"));
    Open(folder_ + "/bin/fakegit", absl::Minutes(20), [&now] { return now; });
    Source source = RemoteSource(absl::StrCat("s", absl::ToInt64Seconds(wait)));
    source.files.webhook_secret = folder_ + "/secret";
    ASSERT_THAT(registry_->AddSource(source, {.skip_check = true}), IsOk());
    EXPECT_THAT(Sync(source.name), Not(IsOk()));
    const absl::Time failed = now;
    EXPECT_GT(*registry_->GetSource(source.name)->next_attempt_time - failed,
              absl::Minutes(25));
    now += absl::Seconds(10);
    ASSERT_THAT(Notify(*registry_, source.name), IsOk());
    const absl::Time next =
        *registry_->GetSource(source.name)->next_attempt_time;
    EXPECT_EQ(next, std::max(now + absl::Seconds(1), failed + wait)) << error;
  }
}

TEST_F(RemoteWaitTest, FailureIsStoredOnceHoweverLongItLasts) {
  WriteProgram(folder_ + "/bin/fakegit",
               "echo \"fatal: no reason, $$\" >&2\nexit 128\n");
  Open(folder_ + "/bin/fakegit");
  ASSERT_THAT(registry_->AddSource(RemoteSource(), {.skip_check = true}),
              IsOk());
  EXPECT_THAT(Sync(), StatusIs(absl::StatusCode::kUnavailable));
  const std::string first = *registry_->GetSource("u")->error;
  const auto written = [this] {
    return fs::last_write_time(folder_ + "/data/index.db-wal");
  };
  const auto before = written();
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(Sync(), StatusIs(absl::StatusCode::kUnavailable));
  }
  EXPECT_EQ(written(), before);
  // What is shown is the last.
  EXPECT_NE(*registry_->GetSource("u")->error, first);
}

TEST_F(RemoteWaitTest, SilentRemoteFailsAndStopEndsIt) {
  WriteProgram(folder_ + "/bin/ssh", "sleep 600\n");
  ASSERT_THAT(registry_->AddSource(RemoteSource(), {.skip_check = true}),
              IsOk());
  EXPECT_THAT(Sync(),
              StatusIs(absl::StatusCode::kUnavailable,
                       AllOf(HasSubstr("git.example"),
                             HasSubstr("nothing useful came for 1 s"))));
}

}  // namespace
}  // namespace orrery::registry

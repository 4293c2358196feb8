#include "server/http/content_coding.h"

#include <zlib.h>
#include <zstd.h>

#include "gtest/gtest.h"

namespace orrery::server {
namespace {

TEST(ContentCodingTest, ChoosesTheGreatestWeight) {
  const std::pair<const char*, absl::string_view> cases[] = {
      {"", ""},
      {"identity", ""},
      {"br", ""},
      {"gzip", "gzip"},
      {"GZIP", "gzip"},
      {"gzip, deflate, br, zstd", "zstd"},
      {"zstd;q=0.5, gzip;q=0.8", "gzip"},
      {"zstd;q=0, gzip", "gzip"},
      {"*", "zstd"},
      {"zstd;q=0, *", "gzip"},
      {"gzip;q=0, zstd;q=0", ""},
      {"*;q=0", ""},
      {"gzip;q=0.2, identity;q=0.9", ""},
      {"gzip ; q=1.0 , ,", "gzip"},
      {"gzip;q=2", ""},
      {"gzip;q=nan", ""},
      {"gzip;q=", ""}};
  for (const auto& [field, coding] : cases) {
    EXPECT_EQ(CodingName(ChooseCoding(field)), coding) << field;
  }
}

TEST(ContentCodingTest, CompressesTextThatIsWorthIt) {
  EXPECT_TRUE(IsCompressible("application/json", 1000));
  EXPECT_TRUE(IsCompressible("application/problem+json", 1000));
  EXPECT_TRUE(IsCompressible("text/plain; charset=utf-8", 1000));
  EXPECT_FALSE(IsCompressible("application/json", 100));
  EXPECT_FALSE(IsCompressible("application/octet-stream", 1000));
}

TEST(ContentCodingTest, GzipAndZstdUnpackToTheSameBytes) {
  const std::string text(5000, 'x');
  const std::string zstd = Compress(ContentCoding::kZstd, text);
  std::string out(text.size(), '\0');
  EXPECT_EQ(ZSTD_decompress(out.data(), out.size(), zstd.data(), zstd.size()),
            text.size());
  EXPECT_EQ(out, text);

  const std::string gzip = Compress(ContentCoding::kGzip, text);
  ASSERT_EQ(gzip.substr(0, 2), "\x1f\x8b");
  z_stream stream{};
  ASSERT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));
  stream.avail_in = static_cast<uInt>(gzip.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  EXPECT_EQ(stream.total_out, text.size());
  inflateEnd(&stream);
  EXPECT_EQ(out, text);
}

}  // namespace
}  // namespace orrery::server

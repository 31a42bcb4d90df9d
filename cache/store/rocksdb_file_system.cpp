#include "cache/store/rocksdb_file_system.hpp"

#include "cache/store/errc.hpp"

#include <rocksdb/file_system.h>

#include <algorithm>
#include <utility>

namespace cache {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;
using fault = std::function<boost::system::error_code(const std::string&)>;

IOStatus ask(const fault& write_fault, const std::string& path)
{
    if (!write_fault) {
        return IOStatus::OK();
    }
    const boost::system::error_code failure = write_fault(path);
    if (!failure) {
        return IOStatus::OK();
    }
    return failure == store_errc::no_space ? IOStatus::NoSpace("injected", path)
                                           : IOStatus::IOError("injected", path);
}

class metered_file final : public rocksdb::FSWritableFileOwnerWrapper
{
public:
    metered_file(std::unique_ptr<rocksdb::FSWritableFile> target,
        disk_meter& meter,
        const fault& write_fault,
        std::string path,
        std::shared_ptr<disk_meter::file> counted)
        : FSWritableFileOwnerWrapper{std::move(target)},
          meter_{meter},
          write_fault_{write_fault},
          path_{std::move(path)},
          counted_{std::move(counted)}
    {
    }

    IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* dbg) override
    {
        IOStatus status = ask(write_fault_, path_);
        if (status.ok()) {
            status = FSWritableFileOwnerWrapper::Append(data, options, dbg);
        }
        return grown(status, data.size());
    }

    IOStatus Append(const Slice& data,
        const IOOptions& options,
        const rocksdb::DataVerificationInfo& info,
        IODebugContext* dbg) override
    {
        IOStatus status = ask(write_fault_, path_);
        if (status.ok()) {
            status = FSWritableFileOwnerWrapper::Append(data, options, info, dbg);
        }
        return grown(status, data.size());
    }

    IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* dbg) override
    {
        IOStatus status = FSWritableFileOwnerWrapper::Truncate(size, options, dbg);
        if (status.ok()) {
            meter_.resize(*counted_, size);
        }
        return status;
    }

    IOStatus Sync(const IOOptions& options, IODebugContext* dbg) override
    {
        const IOStatus status = ask(write_fault_, path_);
        return status.ok() ? FSWritableFileOwnerWrapper::Sync(options, dbg) : status;
    }

    IOStatus Fsync(const IOOptions& options, IODebugContext* dbg) override
    {
        const IOStatus status = ask(write_fault_, path_);
        return status.ok() ? FSWritableFileOwnerWrapper::Fsync(options, dbg) : status;
    }

private:
    // A write that failed may have been written in part: counted whole, until the file is gone.
    IOStatus grown(IOStatus status, std::size_t octets)
    {
        meter_.resize(*counted_, counted_->octets() + octets);
        return status;
    }

    disk_meter& meter_;
    const fault& write_fault_;
    std::string path_;
    std::shared_ptr<disk_meter::file> counted_;
};

class metered_file_system final : public rocksdb::FileSystemWrapper
{
public:
    metered_file_system(disk_meter& meter, fault write_fault)
        : FileSystemWrapper{rocksdb::FileSystem::Default()},
          meter_{meter},
          write_fault_{std::move(write_fault)}
    {
    }

    const char* Name() const override { return "metered_file_system"; }

    IOStatus NewWritableFile(const std::string& path,
        const FileOptions& options,
        std::unique_ptr<rocksdb::FSWritableFile>* result,
        IODebugContext* dbg) override
    {
        return counted(path, 0, result, [&] {
            return FileSystemWrapper::NewWritableFile(path, options, result, dbg);
        });
    }

    IOStatus ReopenWritableFile(const std::string& path,
        const FileOptions& options,
        std::unique_ptr<rocksdb::FSWritableFile>* result,
        IODebugContext* dbg) override
    {
        const std::shared_ptr<disk_meter::file> before = meter_.find(path);
        return counted(path, before ? before->octets() : 0, result, [&] {
            return FileSystemWrapper::ReopenWritableFile(path, options, result, dbg);
        });
    }

    IOStatus DeleteFile(
        const std::string& path, const IOOptions& options, IODebugContext* dbg) override
    {
        IOStatus status = FileSystemWrapper::DeleteFile(path, options, dbg);
        if (status.ok()) {
            meter_.remove(path);
        }
        return status;
    }

    IOStatus RenameFile(const std::string& from,
        const std::string& to,
        const IOOptions& options,
        IODebugContext* dbg) override
    {
        IOStatus status = FileSystemWrapper::RenameFile(from, to, options, dbg);
        if (status.ok()) {
            meter_.rename(from, to);
        }
        return status;
    }

private:
    template <class Open>
    IOStatus counted(const std::string& path,
        std::uint64_t octets,
        std::unique_ptr<rocksdb::FSWritableFile>* result,
        Open open)
    {
        IOStatus status = ask(write_fault_, path);
        if (status.ok()) {
            status = open();
        }
        if (status.ok()) {
            *result = std::make_unique<metered_file>(
                std::move(*result), meter_, write_fault_, path, meter_.create(path, octets));
        }
        return status;
    }

    disk_meter& meter_;
    fault write_fault_;
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> make_metered_file_system(disk_meter& meter, fault write_fault)
{
    return std::make_shared<metered_file_system>(meter, std::move(write_fault));
}

}  // namespace cache

create or replace function ops.judge_settings(
    p_settings jsonb
)
returns table (
    check_name text,
    is_must    boolean,
    is_ok      boolean,
    finding    text,
    fix        text
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select j.check_name, j.is_must, coalesce(j.is_ok, false),
           coalesce(p_settings ->> j.setting, 'unknown: it may not be read'), j.fix
      from (values
           ('fsync', true, 'fsync', p_settings ->> 'fsync' = 'on',
            'fsync = on, or an order is sent that a crash makes us forget'),
           ('full_page_writes', true, 'full_page_writes', p_settings ->> 'full_page_writes' = 'on',
            'full_page_writes = on'),
           ('synchronous_commit', true, 'synchronous_commit',
            p_settings ->> 'synchronous_commit' in ('on', 'local', 'remote_write', 'remote_apply'),
            'synchronous_commit = on'),
           ('zero_damaged_pages', true, 'zero_damaged_pages',
            p_settings ->> 'zero_damaged_pages' = 'off', 'zero_damaged_pages = off'),
           ('data_sync_retry', true, 'data_sync_retry', p_settings ->> 'data_sync_retry' = 'off',
            'data_sync_retry = off'),
           ('data_checksums', false, 'data_checksums', p_settings ->> 'data_checksums' = 'on',
            'stop the server, pg_checksums --enable'),
           ('wal_level', false, 'wal_level', p_settings ->> 'wal_level' in ('replica', 'logical'),
            'wal_level = replica, for backups'),
           ('synchronous_standby', false, 'synchronous_standby_names',
            p_settings ->> 'synchronous_standby_names' <> '',
            'name a standby that commits wait for, or a failover forgets the last orders (docs/dba.md)'),
           ('password_encryption', true, 'password_encryption',
            p_settings ->> 'password_encryption' = 'scram-sha-256', 'password_encryption = scram-sha-256'),
           ('ssl', false, 'ssl',
            p_settings ->> 'ssl' = 'on' or p_settings ->> 'listen_addresses' in ('', 'localhost'),
            'ssl = on, or listen_addresses = '''''),
           ('ssl_min_protocol_version', false, 'ssl_min_protocol_version',
            p_settings ->> 'ssl_min_protocol_version' = 'TLSv1.3' or p_settings ->> 'ssl' = 'off',
            'ssl_min_protocol_version = TLSv1.3'),
           ('preload_libraries', true, 'shared_preload_libraries',
            concat_ws(',', nullif(p_settings ->> 'shared_preload_libraries', ''),
                      nullif(p_settings ->> 'session_preload_libraries', ''),
                      nullif(p_settings ->> 'local_preload_libraries', ''))
            ~ '^ *((pg_stat_statements|auto_explain|pgaudit) *,? *)*$'
            and p_settings ?& array['shared_preload_libraries', 'session_preload_libraries'],
            'load only pg_stat_statements, auto_explain, pgaudit: others run in every session'),
           ('log_connections', false, 'log_connections',
            p_settings ->> 'log_connections' not in ('off', ''), 'log_connections = on'),
           ('server_version', true, 'server_version_num',
            (p_settings ->> 'server_version_num')::integer >= 150000, 'PostgreSQL 15 or newer'),
           ('max_prepared_transactions', false, 'max_prepared_transactions',
            p_settings ->> 'max_prepared_transactions' = '0',
            'max_prepared_transactions = 0: a forgotten one keeps its locks')
           ) as j (check_name, is_must, setting, is_ok, fix);
$function$;

comment on function ops.judge_settings(jsonb) is
$$What the settings of the server (name to text) mean for the promises of this house; a setting that is not
there is unknown, and unknown is not well.
Why: an argument, so that a test can turn each one bad without a server of its own.$$;

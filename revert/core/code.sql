-- Revert mqk:core/code from pg
-- built from sql/core by `make code`: edit there

begin;

set local role mqk_owner;

do $guard$
begin
    if to_regclass('run.runs') is not null then
        lock table run.runs in share mode;  -- nobody arms meanwhile
        if exists (select from run.runs as r where r.run_status in ('ARMED', 'RUNNING')) then
            raise sqlstate 'MQS19' using
                message = 'code is not changed under a run that is armed or running',
                hint = 'Stop the runs first: mqk run stop. Then deploy, and arm anew.';
        end if;
    end if;
end;
$guard$;

drop function core.tg_refuse_change();
drop function core.list_secrets(jsonb);
drop function core.find_secret(text);
drop function core.list_secret_rules();
drop function core.format_canonical_json(jsonb);
drop function core.restate_price(bigint, numeric, numeric);
drop function core.scale_up(bigint, bigint);
drop function core.compute_move_bps(bigint, bigint);
drop function core.is_apart(bigint, bigint, integer);
drop function core.format_iso(timestamptz);
drop function core.format_micros(bigint);
drop function core.parse_names(jsonb);
drop function core.parse_time(text);
drop function core.is_on_tick(bigint);
drop function core.parse_shares(text);
drop function core.parse_micros(text);
drop function core.parse_date(text);
drop function core.derive_id(text, text[]);
drop function core.get_schema_mark();
drop function core.compute_fingerprint();
drop function core.list_fingerprints();
drop function core.hash_text(text);
drop function core.get_boot_at();
drop function core.assert_clock_is_near(timestamptz);
drop function core.is_clock_near(timestamptz);
drop function core.assert_that(boolean, text, text);
drop function core.raise_error(text, text);

commit;

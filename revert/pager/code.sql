-- Revert mqk:pager/code from pg
-- built from sql/pager by `make code`: edit there

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

drop trigger _900_refuse_truncate on pager.notices;
drop trigger _900_refuse_delete on pager.notices;
drop trigger _110_guard_terms on pager.notices;
drop trigger _100_guard_end on pager.notices;
drop trigger _900_refuse_truncate on pager.deliveries;
drop trigger _900_refuse_delete on pager.deliveries;
drop trigger _100_guard_end on pager.deliveries;
drop function pager.end_delivery(uuid, text, bigint, text, text, integer, timestamptz);
drop function pager.claim_notices(uuid, text, timestamptz);
drop function pager.format_body(text, text, bigint);
drop function pager.format_title(text, text, bigint);
drop function pager.begin_delivery(text, text, text, timestamptz);
drop function pager.expire_deliveries(text, timestamptz);
drop function pager.collect_notices(text);
drop function pager.get_engine_id(uuid, timestamptz);
drop function pager.compute_pause(integer);
drop function pager.describe_event(jsonb);
drop function pager.redact_text(text);

commit;

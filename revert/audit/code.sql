-- Revert mqk:audit/code from pg
-- built from sql/audit by `make code`: edit there

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

drop trigger _900_refuse_truncate on audit.anchors;
drop trigger _900_refuse_change on audit.anchors;
drop trigger _900_refuse_truncate on audit.actings;
drop trigger _900_refuse_change on audit.actings;
drop trigger _100_head_moves_by_one on audit.chains;
drop trigger _900_refuse_truncate on audit.chains;
drop trigger _900_refuse_delete on audit.chains;
drop trigger _900_refuse_truncate on audit.events;
drop trigger _900_refuse_change on audit.events;
drop function audit.list_canonical(uuid, bigint, integer);
drop function audit.compare_anchors(text, jsonb, boolean);
drop function audit.list_anchor_breaks(text);
drop function audit.record_anchor(text, jsonb, text, timestamptz);
drop function audit.claim_anchor(text, jsonb, text, timestamptz, timestamptz);
drop function audit.get_last_anchor(text);
drop function audit.find_unanchored(text, timestamptz, timestamptz);
drop function audit.verify_chain(uuid);
drop function audit.append_desk_event(text, text, jsonb, timestamptz);
drop function audit.open_run_chain(uuid, text, timestamptz);
drop function audit.assert_chain(uuid);
drop function audit.append_event(uuid, text, text, jsonb, timestamptz);
drop function audit.open_engine_chain(text, timestamptz);
drop function audit.get_actor();
drop function audit.find_acting();
drop function audit.begin_acting(text, text, timestamptz);

commit;

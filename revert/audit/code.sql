-- Revert mqk:audit/code from pg
-- built from sql/audit by `make code`: edit there

begin;

set local role mqk_owner;

drop trigger _900_refuse_truncate on audit.actings;
drop trigger _900_refuse_change on audit.actings;
drop trigger _100_head_moves_by_one on audit.chains;
drop trigger _900_refuse_truncate on audit.chains;
drop trigger _900_refuse_delete on audit.chains;
drop trigger _900_refuse_truncate on audit.events;
drop trigger _900_refuse_change on audit.events;
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

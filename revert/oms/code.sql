-- Revert mqk:oms/code from pg
-- built from sql/oms by `make code`: edit there

begin;

set local role mqk_owner;

drop trigger _900_refuse_truncate on oms.outbox;
drop trigger _900_refuse_truncate on oms.orders;
drop trigger _900_refuse_truncate on oms.broker_map;
drop trigger _900_refuse_truncate on oms.absence_proofs;
drop trigger _900_refuse_truncate on oms.absence_misses;
drop trigger _900_refuse_truncate on oms.permits;
drop trigger _900_refuse_truncate on oms.intents;
drop trigger _100_guard_terms on oms.orders;
drop trigger _900_refuse_truncate on oms.attempts;
drop trigger _900_refuse_truncate on oms.outbox_history;
drop trigger _900_refuse_truncate on oms.order_history;
drop trigger _900_refuse_truncate on oms.inbox;
drop trigger _900_refuse_delete on oms.outbox;
drop trigger _900_refuse_delete on oms.orders;
drop trigger _900_refuse_change on oms.inbox;
drop trigger _900_refuse_change on oms.broker_map;
drop trigger _900_refuse_change on oms.absence_proofs;
drop trigger _900_refuse_change on oms.absence_misses;
drop trigger _900_refuse_change on oms.permits;
drop trigger _900_refuse_change on oms.attempts;
drop trigger _900_refuse_change on oms.outbox_history;
drop trigger _900_refuse_change on oms.order_history;
drop trigger _900_refuse_change on oms.intents;
drop function oms.tg_orders__guard_terms();
drop function oms.count_unresolved(uuid);
drop function oms.receive_messages(uuid, jsonb, text, timestamptz);
drop function oms.keep_message(oms.inbox, timestamptz);
drop function oms.acknowledge(oms.inbox, timestamptz);
drop function oms.apply_message(uuid, text, jsonb, timestamptz);
drop function oms.apply_status(oms.inbox, timestamptz);
drop function oms.follow_status(uuid, uuid, text, text, timestamptz);
drop function oms.apply_fill(oms.inbox, timestamptz);
drop function oms.find_twin(oms.inbox);
drop function oms.find_defect(oms.inbox);
drop function oms.parse_message(uuid, text, jsonb, timestamptz);
drop function oms.record_absence(uuid, bigint, integer, jsonb, timestamptz);
drop function oms.list_unresolved(uuid, text, timestamptz);
drop function oms.mark_ambiguous(uuid, bigint, text, timestamptz);
drop function oms.mark_failed(uuid, bigint, text, timestamptz);
drop function oms.mark_sent(uuid, bigint, text, timestamptz);
drop function oms.confirm_sent(uuid, bigint, text, text, timestamptz);
drop function oms.get_permit(uuid, bigint, integer, timestamptz);
drop function oms.record_attempt(run.runs, bigint, text, timestamptz);
drop function oms.begin_dispatch(uuid, bigint, text, timestamptz);
drop function oms.fail_order(oms.outbox, text, text, timestamptz);
drop function oms.claim_outbox(uuid, text, integer, timestamptz);
drop function oms.get_other_exposure(uuid, text, jsonb);
drop function oms.plan_intents(uuid, jsonb, timestamptz);
drop function oms.plan_symbol(strat.targets, bigint, bigint, timestamptz, timestamptz);
drop function oms.get_open_qty(uuid, text);
drop function oms.enqueue_order(oms.intents, timestamptz, timestamptz);
drop function oms.move_outbox(uuid, bigint, text, text, text, timestamptz);
drop function oms.move_order(uuid, uuid, text, bigint, text, timestamptz);
drop function oms.derive_client_order_id(text, uuid);
drop function oms.assert_order(text);

commit;

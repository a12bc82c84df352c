-- Revert mqk:oms/code from pg
-- built from sql/oms by `make code`: edit there

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

drop trigger _900_refuse_new_terms on oms.outbox;
drop trigger _900_refuse_truncate on oms.outbox_moves;
drop trigger _900_refuse_change on oms.outbox_moves;
drop trigger _900_refuse_truncate on oms.order_moves;
drop trigger _900_refuse_change on oms.order_moves;
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
drop function oms.report_budget(uuid, integer, timestamptz, timestamptz);
drop function oms.take_budget(uuid, text, timestamptz);
drop function oms.count_budget(oms.budgets, timestamptz);
drop function oms.open_budget(text, timestamptz);
drop function oms.set_continuity(uuid, text, text, timestamptz);
drop function oms.receive_messages(uuid, jsonb, text, timestamptz);
drop function oms.keep_message(oms.inbox, timestamptz);
drop function oms.follow_status(uuid, uuid, text, text, timestamptz);
drop function oms.apply_message(uuid, text, jsonb, timestamptz);
drop function oms.apply_event(oms.inbox, timestamptz);
drop function oms.acknowledge(oms.inbox, timestamptz);
drop function oms.close_requests(oms.inbox, timestamptz);
drop function oms.check_position(oms.inbox, timestamptz);
drop function oms.apply_fill(oms.inbox, oms.orders, timestamptz);
drop function oms.reverse_fill(oms.inbox, text, timestamptz);
drop function oms.find_twin(oms.inbox);
drop function oms.find_defect(oms.inbox);
drop function oms.parse_message(uuid, text, jsonb, timestamptz);
drop function oms.find_order(uuid, text, jsonb);
drop function oms.is_fill(oms.inbox);
drop function oms.is_known_event(text);
drop function oms.record_absence(uuid, bigint, integer, jsonb, timestamptz);
drop function oms.list_unresolved(uuid, text, timestamptz);
drop function oms.cancel_halted(uuid, timestamptz);
drop function oms.list_doubts(uuid, timestamptz);
drop function oms.compute_pause(bigint);
drop function oms.mark_not_sent(uuid, bigint, integer, text, timestamptz, timestamptz);
drop function oms.mark_ambiguous(uuid, bigint, text, timestamptz);
drop function oms.mark_failed(uuid, bigint, text, timestamptz);
drop function oms.tell_refused_cancel(oms.outbox, text, timestamptz);
drop function oms.count_halt_refusals(uuid, uuid);
drop function oms.mark_sent(uuid, bigint, text, timestamptz);
drop function oms.map_successor(uuid, bigint, text, timestamptz);
drop function oms.confirm_sent(uuid, bigint, text, text, timestamptz);
drop function oms.get_permit(uuid, bigint, integer, timestamptz);
drop function oms.derive_request_name(oms.outbox, text);
drop function oms.record_attempt(run.runs, oms.outbox, text, timestamptz);
drop function oms.begin_dispatch(uuid, bigint, text, timestamptz);
drop function oms.claim_outbox(uuid, text, integer, timestamptz);
drop function oms.count_claimable(uuid, timestamptz);
drop function oms.is_claimable(oms.outbox, boolean, boolean, timestamptz);
drop function oms.cancel_flatten(uuid, text, timestamptz);
drop function oms.plan_flatten(uuid, timestamptz);
drop function oms.flatten_symbol(risk.flattens, text, timestamptz);
drop function oms.count_refused_cancels(risk.flattens, text);
drop function oms.count_refused_flattens(risk.flattens, text);
drop function oms.find_lane_defect(run.runs, oms.outbox, timestamptz);
drop function oms.find_reduction_defect(uuid, timestamptz);
drop function oms.find_run_defect(run.runs, text);
drop function oms.count_unresolved(uuid);
drop function oms.is_exposed(uuid);
drop function oms.is_reducing(oms.outbox);
drop function oms.get_reduction(oms.outbox);
drop function oms.get_broker_order_id(uuid, uuid);
drop function oms.plan_stops(uuid, timestamptz);
drop function oms.resume_targets(uuid, timestamptz);
drop function oms.plan_stop(uuid, text, bigint, integer, timestamptz);
drop function oms.end_flatten(uuid, text, timestamptz);
drop function oms.place_stop(uuid, text, bigint, bigint, timestamptz);
drop function oms.is_being_traded(uuid, text);
drop function oms.count_refused_stops(uuid, text);
drop function oms.get_last_stop_micros(uuid, text, timestamptz);
drop function oms.restate_stop(bigint, integer, numeric, numeric);
drop function oms.compute_stop_price(bigint, bigint, integer, bigint);
drop function oms.plan_intents(uuid, jsonb, timestamptz);
drop function oms.assert_queue(uuid);
drop function oms.plan_symbol(strat.targets, timestamptz);
drop function oms.count_messages(uuid, timestamptz);
drop function oms.get_open_shares(uuid);
drop function oms.list_open_shares(uuid, uuid);
drop function oms.is_unfinished(oms.orders);
drop function oms.get_expiry(text, timestamptz);
drop function oms.make_way(strat.targets, timestamptz);
drop function oms.get_stop(uuid, text);
drop function oms.find_action_defect(uuid, text, timestamptz);
drop function oms.apply_actions(uuid, timestamptz);
drop function oms.clear_symbol(uuid, text, text, timestamptz);
drop function oms.drop_targets(uuid, text, timestamptz);
drop function oms.tell_target(oms.deferrals, timestamptz);
drop function oms.cancel_orders(uuid, text, text, timestamptz);
drop function oms.cancel_order(oms.orders, text, timestamptz);
drop function oms.get_open_qty(uuid, text);
drop function oms.release_order(uuid, bigint, text, timestamptz);
drop function oms.fail_order(oms.outbox, text, text, timestamptz);
drop function oms.enqueue_order(oms.intents, bigint, timestamptz, timestamptz);
drop function oms.enqueue_request(uuid, uuid, text, bigint, text, timestamptz, timestamptz);
drop function oms.settle_order(oms.orders, oms.inbox, text, timestamptz);
drop function oms.move_outbox(uuid, bigint, text, text, text, timestamptz);
drop function oms.move_order(oms.orders, text, timestamptz);
drop function oms.fold_order(oms.orders, oms.inbox);
drop function oms.list_asked(oms.orders, oms.inbox);
drop function oms.list_versions(oms.orders, oms.inbox);
drop function oms.list_said(oms.orders, oms.inbox);
drop function oms.derive_client_order_id(text, uuid);
drop function oms.derive_intent_id(uuid, text, timestamptz, text);
drop function oms.assert_order(text);

commit;

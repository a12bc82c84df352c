-- Revert mqk:inv/code from pg
-- built from sql/inv by `make code`: edit there

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

drop function inv.verify_all();
drop view inv.a_running_desk_is_as_it_was_armed;
drop view inv.nothing_stored_is_a_secret;
drop view inv.a_promotion_passed_its_gates;
drop view inv.an_arming_had_its_proof;
drop view inv.a_live_arming_had_two_people;
drop view inv.a_bar_is_possible;
drop view inv.a_change_is_of_a_sent_order;
drop view inv.a_permit_was_in_time;
drop view inv.a_dispatch_saw_the_gates_of_then;
drop view inv.an_order_is_of_the_universe;
drop view inv.an_order_name_is_its_intents;
drop view inv.a_backtest_balances;
drop view inv.a_bar_is_of_a_listing;
drop view inv.a_bar_names_its_parents;
drop view inv.a_verdict_follows_from_its_numbers;
drop view inv.a_halt_has_its_evidence;
drop view inv.a_flatten_saw_proven_positions;
drop view inv.a_reducing_order_reduced;
drop view inv.a_run_has_the_limits_of_its_config;
drop view inv.a_position_has_its_stop;
drop view inv.a_config_is_its_hash;
drop view inv.a_dirty_run_is_not_armed;
drop view inv.an_open_reconcile_was_clean;
drop view inv.a_repair_never_fills;
drop view inv.an_order_in_our_name_is_known;
drop view inv.a_snapshot_follows_the_one_before;
drop view inv.a_clean_reconcile_agrees;
drop view inv.a_reconcile_can_be_recomputed;
drop view inv.a_verdict_is_its_counts;
drop view inv.a_decision_saw_only_the_past;
drop view inv.every_run_is_in_the_diary;
drop view inv.an_anchor_holds_its_event;
drop view inv.the_diary_is_whole;
drop view inv.realized_profit_is_its_closes;
drop view inv.a_corporate_action_is_applied_once;
drop view inv.a_lot_is_its_history;
drop view inv.a_position_is_its_lots;
drop view inv.a_position_is_its_fills;
drop view inv.a_portfolio_is_its_last_entry;
drop view inv.the_ledger_balances;
drop view inv.an_overfill_halts;
drop view inv.an_order_counts_its_fills;
drop view inv.a_fill_belongs_to_an_attempt;
drop view inv.an_applied_fill_is_booked;
drop view inv.a_fill_is_booked_once;
drop view inv.one_live_run_per_engine;
drop view inv.one_active_run_per_account;
drop view inv.a_run_in_doubt_is_not_armed;
drop view inv.a_live_arming_was_promoted;
drop view inv.a_halt_is_told;
drop view inv.a_shut_gate_halts;
drop view inv.a_run_follows_its_moves;
drop view inv.an_outbox_row_follows_its_moves;
drop view inv.an_order_follows_its_moves;
drop view inv.an_order_has_its_targets_terms;
drop view inv.an_order_was_allowed;
drop view inv.one_leader_at_a_time;
drop view inv.an_attempt_had_the_lease;
drop view inv.a_dispatch_happened_while_running;
drop view inv.a_dispatch_saw_open_gates;
drop view inv.a_sent_order_is_mapped;
drop view inv.a_sent_order_was_dispatched;
drop view inv.a_second_attempt_has_a_proof;

commit;

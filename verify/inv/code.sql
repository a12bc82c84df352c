-- Verify mqk:inv/code on pg
-- built from sql/inv by `make code`: edit there

begin;

set local role mqk_owner;

select from inv.a_second_attempt_has_a_proof where false;
select from inv.a_sent_order_was_dispatched where false;
select from inv.a_sent_order_is_mapped where false;
select from inv.a_dispatch_saw_open_gates where false;
select from inv.a_dispatch_happened_while_running where false;
select from inv.an_attempt_had_the_lease where false;
select from inv.one_leader_at_a_time where false;
select from inv.an_order_was_allowed where false;
select from inv.an_order_follows_its_moves where false;
select from inv.an_outbox_row_follows_its_moves where false;
select from inv.a_run_follows_its_moves where false;
select from inv.a_shut_gate_halts where false;
select from inv.a_halt_is_told where false;
select from inv.a_live_arming_was_promoted where false;
select from inv.a_run_in_doubt_is_not_armed where false;
select from inv.one_active_run_per_account where false;
select from inv.one_live_run_per_engine where false;
select from inv.a_fill_is_booked_once where false;
select from inv.an_applied_fill_is_booked where false;
select from inv.a_fill_belongs_to_an_attempt where false;
select from inv.an_order_counts_its_fills where false;
select from inv.an_overfill_halts where false;
select from inv.the_ledger_balances where false;
select from inv.a_portfolio_is_its_last_entry where false;
select from inv.a_position_is_its_fills where false;
select from inv.a_position_is_its_lots where false;
select from inv.a_lot_is_its_history where false;
select from inv.a_corporate_action_is_applied_once where false;
select from inv.realized_profit_is_its_closes where false;
select from inv.the_diary_is_whole where false;
select from inv.every_run_is_in_the_diary where false;
select from inv.a_decision_saw_only_the_past where false;
select from inv.a_verdict_is_its_counts where false;
select from inv.a_reconcile_can_be_recomputed where false;
select from inv.a_clean_reconcile_agrees where false;
select from inv.a_snapshot_follows_the_one_before where false;
select from inv.an_order_in_our_name_is_known where false;
select from inv.a_repair_never_fills where false;
select from inv.an_open_reconcile_was_clean where false;
select from inv.a_dirty_run_is_not_armed where false;
select from inv.a_config_is_its_hash where false;
select from inv.a_position_has_its_stop where false;
select from inv.a_run_has_the_limits_of_its_config where false;
select from inv.a_reducing_order_reduced where false;
select from inv.a_flatten_saw_proven_positions where false;
select from inv.a_halt_has_its_evidence where false;
select from inv.a_verdict_follows_from_its_numbers where false;
select from inv.a_bar_names_its_parents where false;
select from inv.a_bar_is_of_a_listing where false;
select from inv.a_backtest_balances where false;
select 'inv.verify_all()'::regprocedure;

rollback;

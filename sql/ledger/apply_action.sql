create or replace function ledger.apply_action(
    p_run_id uuid,
    p_action md.corporate_actions,
    p_now_at timestamptz
)
returns ledger.adjustments
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_done  ledger.adjustments;
    v_moved record;
    v_entry ledger.entries;
begin
    perform from ledger.portfolios as p where p.run_id = p_run_id for update;
    insert into ledger.adjustments (
        run_id, adjustment_seq, action_id, symbol, action_kind, effective_at, ratio_num, ratio_den,
        amount_micros, reference_micros, held_qty, applied_at)
    select p_run_id, coalesce(max(d.adjustment_seq), 0) + 1, p_action.action_id, p_action.symbol,
           p_action.action_kind, p_action.effective_at, p_action.ratio_num, p_action.ratio_den,
           p_action.amount_micros,
           (select m.mark_micros
              from md.list_marks(p_run_id, p_action.effective_at - interval '1 us') as m
             where m.symbol = p_action.symbol),
           ledger.get_qty_at(p_run_id, p_action.symbol, p_action.effective_at), p_now_at
      from ledger.adjustments as d
     where d.run_id = p_run_id
    on conflict (run_id, action_id) do nothing
    returning * into v_done;
    if v_done.action_kind = 'SPLIT' then
        v_moved := ledger.rematch_position(p_run_id, p_action.symbol);
        v_entry.run_id := p_run_id;
        v_entry.entry_kind := v_done.entry_kind;
        v_entry.adjustment_seq := v_done.adjustment_seq;
        v_entry.symbol := p_action.symbol;
        v_entry.qty_delta := v_moved.qty_delta;
        v_entry.cash_delta_micros := v_moved.lieu_micros;
        v_entry.cost_delta_micros := v_moved.cost_micros;
        v_entry.realized_delta_micros := v_moved.realized_micros;
        v_entry.fee_delta_micros := 0;
        v_entry.income_delta_micros := 0;
        v_entry.booked_at := p_now_at;
        perform ledger.append_entry(v_entry, v_moved.match_no);
    end if;
    perform audit.append_event(
        p_run_id, 'LEDGER', 'ACTION_APPLIED',
        jsonb_build_object(
            'action_id', p_action.action_id, 'symbol', p_action.symbol,
            'terms', md.format_terms(p_action), 'held_qty', v_done.held_qty,
            'adjustment_seq', v_done.adjustment_seq, 'action_kind', v_done.action_kind,
            'effective_at', core.format_iso(v_done.effective_at), 'ratio_num', v_done.ratio_num,
            'ratio_den', v_done.ratio_den, 'amount_micros', v_done.amount_micros,
            'reference_micros', v_done.reference_micros,
            'qty_delta', v_entry.qty_delta, 'cash_micros', v_entry.cash_delta_micros,
            'realized_micros', v_entry.realized_delta_micros), p_now_at)
      where v_done.action_id is not null;
    return v_done;
end;
$function$;

comment on function ledger.apply_action(uuid, md.corporate_actions, timestamptz) is
$$Takes a corporate action over into a run's books, once: a split changes lots, position and, by the cash in
lieu, cash; of a dividend it keeps who is owed it, and ledger.pay_dividends books it on its day. Gives the
adjustment, null when it was applied before.
Why: cost stays to the micro; what was held at effective_at counts, however late we apply it.
Raises: 23502 a fraction of a share is left and no price for it is known.$$;

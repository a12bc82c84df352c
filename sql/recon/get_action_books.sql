create or replace function recon.get_action_books(
    p_run_id      uuid,
    p_captured_at timestamptz
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(jsonb_agg(jsonb_build_object(
               'action_id', d.action_id, 'symbol', d.symbol, 'held_qty', s.held_qty,
               'new_qty', s.new_qty, 'cash_micros', e.cash_delta_micros)
               order by d.adjustment_seq), '[]')
      from ledger.adjustments as d
      join ledger.entries as e using (run_id, adjustment_seq)
      left join ledger.positions as p on p.run_id = d.run_id and p.symbol = d.symbol
      left join ledger.splits as s
        on (s.run_id, s.symbol, s.match_no, s.adjustment_seq)
           = (p.run_id, p.symbol, p.match_no, d.adjustment_seq)
     where d.run_id = p_run_id
       and e.booked_at > p_captured_at - interval '4 days'
       and e.booked_at <= p_captured_at + interval '4 days';
$function$;

comment on function recon.get_action_books(uuid, timestamptz) is
$$The corporate actions that a run has booked within four days of a snapshot: shares before
and after, and cash.
Why: a broker may book a split or a dividend hours or a weekend later than we do.$$;

create or replace function recon.get_books(
    p_run         run.runs,
    p_document    jsonb,
    p_captured_at timestamptz
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select jsonb_build_object(
        'account_id', p_run.account_id,
        'entry_seq', b.entry_seq,
        'cash_micros', b.cash_micros,
        'cash_is_young', e.booked_at > p_captured_at,
        'positions', (
            select coalesce(jsonb_agg(jsonb_build_object(
                       'symbol', p.symbol, 'position_qty', p.position_qty,
                       'is_young', p.changed_at > p_captured_at) order by p.symbol collate "C"), '[]')
              from ledger.positions as p where p.run_id = p_run.run_id),
        'orders', recon.get_order_books(p_run.run_id, p_document, p_captured_at),
        'actions', recon.get_action_books(p_run.run_id, p_captured_at),
        'strangers', recon.get_strangers(p_run, p_document))
      from ledger.portfolios as b
     cross join lateral (
        select e.booked_at from ledger.entries as e
         where (e.run_id, e.entry_seq) = (b.run_id, b.entry_seq) limit 1) as e
     where b.run_id = p_run.run_id;
$function$;

comment on function recon.get_books(run.runs, jsonb, timestamptz) is
$$Our side of a comparison: cash, positions, and the orders that work or that the snapshot names.
is_young: it changed after the snapshot was captured. actions: corporate actions booked of late.
Why: kept with the verdict, so that anybody can compute the verdict again.$$;

create or replace function replay.fold_books(
    p_run_id   uuid,
    p_until_at timestamptz
)
returns table (
    table_name text,
    row_data   jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
    with booked as materialized (
        select b.* from replay.list_bookings(p_run_id, p_until_at) as b
    ), folded as materialized (
        select f.* from (select distinct b.symbol from booked as b) as s
         cross join lateral replay.fold_symbol(p_run_id, s.symbol, p_until_at) as f
    ), said as (
        select f.event_seq, f.row_data from folded as f where f.table_name = 'ledger.entries'
         union all
        select e.event_seq, jsonb_build_object(
                   'run_id', e.chain_id, 'entry_kind', 'DEPOSIT', 'booked_at', e.reported_at,
                   'deposit_delta_micros', e.payload -> 'cash_micros',
                   'cash_delta_micros', e.payload -> 'cash_micros')
          from audit.events as e
         where e.chain_id = p_run_id and e.occurred_at <= p_until_at
           and e.event_name = 'PORTFOLIO_OPENED'
         union all
        select e.event_seq, jsonb_build_object(
                   'run_id', e.chain_id, 'entry_kind', 'DIVIDEND', 'booked_at', e.reported_at,
                   'adjustment_seq', (b.adjustment).adjustment_seq, 'symbol', b.symbol,
                   'cash_delta_micros', (b.adjustment).held_qty * (b.adjustment).amount_micros,
                   'income_delta_micros', (b.adjustment).held_qty * (b.adjustment).amount_micros)
          from audit.events as e
          join booked as b on (b.adjustment).action_id::text = e.payload ->> 'action_id'
         where e.chain_id = p_run_id and e.occurred_at <= p_until_at
           and e.event_name = 'DIVIDEND_BOOKED'
    ), entries as (
        select b.* from replay.list_entries(
               (select jsonb_agg(s.row_data order by s.event_seq) from said as s)) as b
    )
    select f.table_name, f.row_data from folded as f where f.table_name <> 'ledger.entries'
     union all
    select 'ledger.fills', to_jsonb(b.fill) from booked as b where (b.fill).fill_seq is not null
     union all
    select 'ledger.adjustments', to_jsonb(b.adjustment) from booked as b
     where (b.adjustment).adjustment_seq is not null
     union all
    select 'ledger.entries', to_jsonb(e) from entries as e
     union all
    (select 'ledger.portfolios', jsonb_build_object(
                'run_id', e.run_id, 'entry_seq', e.entry_seq, 'deposits_micros', e.deposits_micros,
                'cash_micros', e.cash_micros, 'cost_micros', e.cost_micros,
                'realized_micros', e.realized_micros, 'fees_micros', e.fees_micros,
                'income_micros', e.income_micros)
       from entries as e order by e.entry_seq desc limit 1);
$function$;

comment on function replay.fold_books(uuid, timestamptz) is
$$Fills, entries, balances, positions, lots, closes, corporate actions and splits of a run, as the bookings
that its diary tells of make them.$$;

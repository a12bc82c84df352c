create or replace function ledger.compute_exposure(
    p_run_id uuid,
    p_marks  jsonb
)
returns table (
    cash_micros   bigint,
    net_micros    bigint,
    gross_micros  bigint,
    equity_micros bigint
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_blind text;
begin
    select string_agg(p.symbol, ', ' order by p.symbol collate "C") into v_blind
      from ledger.positions as p
     where p.run_id = p_run_id and p.position_qty <> 0 and p_marks ->> p.symbol is null;
    perform core.assert_that(v_blind is null, 'MQI02', v_blind);

    return query
    select b.cash_micros, e.net, e.gross, b.cash_micros + e.net
      from ledger.portfolios as b
      cross join lateral (
        select coalesce(sum(p.position_qty * (p_marks ->> p.symbol)::bigint), 0)::bigint as net,
               coalesce(sum(abs(p.position_qty) * (p_marks ->> p.symbol)::bigint), 0)::bigint as gross
          from ledger.positions as p
         where p.run_id = p_run_id and p.position_qty <> 0) as e
     where b.run_id = p_run_id;
end;
$function$;

comment on function ledger.compute_exposure(uuid, jsonb) is
$$Cash, net and gross market value and equity of a run at the marks {symbol: micros}.
Why: equity = cash + sum of signed quantity times mark; a missing mark is an error, never zero.
Raises: MQI02 naming the held symbols without a mark.$$;

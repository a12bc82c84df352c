create or replace function ledger.rematch_position(
    p_run_id uuid,
    p_symbol text,
    out match_no        bigint,
    out qty_delta       bigint,
    out realized_micros bigint,
    out cost_micros     bigint,
    out lieu_micros     bigint
)
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select h.match_no + 1, m.position_qty - h.position_qty, m.realized_micros - h.realized_micros,
           m.cost_micros - h.cost_micros, m.lieu_micros - h.lieu_micros
      from (select coalesce(max(p.match_no), 0) as match_no,
                   coalesce(max(p.position_qty), 0) as position_qty,
                   coalesce(max(p.realized_micros), 0) as realized_micros,
                   coalesce(max(p.cost_micros), 0) as cost_micros,
                   coalesce(max((select sum(s.cash_micros) from ledger.splits as s
                                  where (s.run_id, s.symbol, s.match_no)
                                        = (p.run_id, p.symbol, p.match_no))), 0)::bigint
                       as lieu_micros
              from ledger.positions as p
             where p.run_id = p_run_id and p.symbol = p_symbol) as h
     cross join lateral ledger.rematch_lots(p_run_id, p_symbol, h.match_no + 1) as m;
$function$;

comment on function ledger.rematch_position(uuid, text) is
$$Matches a symbol anew (ledger.rematch_lots) and gives the number of the matching and what it changes:
shares, realised profit, cost basis, cash in lieu.$$;

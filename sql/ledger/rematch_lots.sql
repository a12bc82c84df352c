create or replace function ledger.rematch_lots(
    p_run_id   uuid,
    p_symbol   text,
    p_match_no bigint,
    out position_qty    bigint,
    out realized_micros bigint,
    out cost_micros     bigint,
    out lieu_micros     bigint
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_event record;
    v_queue bigint := 0;
begin
    for v_event in
        select e.* from (
        select f.executed_at as at, 1 as nth, f.execution_id as name, f as fill,
               null::ledger.adjustments as split
          from ledger.fills as f
         where (f.run_id, f.fill_seq) in (
               select s.run_id, s.fill_seq from ledger.standing_fills as s
                where s.run_id = p_run_id and s.symbol = p_symbol)
         union all
        select a.effective_at, 0, a.action_id::text, null::ledger.fills, a
          from ledger.adjustments as a
         where a.run_id = p_run_id and a.symbol = p_symbol and a.action_kind = 'SPLIT') as e
         order by e.at, e.nth, e.name collate "C"
    loop
        v_queue := v_queue + v_event.nth;
        perform ledger.match_lots(v_event.fill, p_match_no, v_queue) where v_event.nth = 1;
        perform ledger.split_lots(v_event.split, p_match_no) where v_event.nth = 0;
    end loop;
    select coalesce(sum(l.open_qty), 0), coalesce(sum(l.open_cost_micros), 0)
      into position_qty, cost_micros
      from ledger.lots as l
     where l.run_id = p_run_id and l.symbol = p_symbol and l.match_no = p_match_no;
    select coalesce(sum(c.realized_micros), 0) into realized_micros
      from ledger.lot_closes as c
     where c.run_id = p_run_id and c.symbol = p_symbol and c.match_no = p_match_no;
    select rematch_lots.realized_micros + coalesce(sum(s.realized_micros), 0),
           coalesce(sum(s.cash_micros), 0)
      into realized_micros, lieu_micros
      from ledger.splits as s
     where s.run_id = p_run_id and s.symbol = p_symbol and s.match_no = p_match_no;
end;
$function$;

comment on function ledger.rematch_lots(uuid, text, bigint) is
$$Matches all fills of a symbol that still stand, and its splits, anew, in the order in which they took
effect, as the matching p_match_no; gives its position, realised profit, cost basis and cash in lieu.
Earlier matchings stay. Fills alone are counted: a place in the queue is no higher than the fill_seq that
the next fill goes on with.
Why: lots must not depend on the order in which messages came, nor on a fill that was taken back; and
what was held before a split is split, however late we learn of it.$$;

create or replace function ledger.rematch_lots(
    p_run_id   uuid,
    p_symbol   text,
    p_match_no bigint,
    out realized_micros bigint,
    out cost_micros     bigint
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_fill  ledger.fills;
    v_queue bigint := 0;
    v_moved record;
begin
    realized_micros := 0;
    cost_micros := 0;
    for v_fill in
        select f.* from ledger.standing_fills as f
         where f.run_id = p_run_id and f.symbol = p_symbol
         order by f.executed_at, f.execution_id collate "C"
    loop
        v_queue := v_queue + 1;
        v_moved := ledger.match_lots(v_fill, p_match_no, v_queue);
        realized_micros := realized_micros + v_moved.realized_micros;
        cost_micros := cost_micros + v_moved.cost_micros;
    end loop;
end;
$function$;

comment on function ledger.rematch_lots(uuid, text, bigint) is
$$Matches all fills of a symbol that still stand anew, in the order in which they were executed, as the
matching p_match_no; gives its realised profit and cost basis in micros. Earlier matchings stay.
Why: lots must not depend on the order in which messages came, nor on a fill that was taken back.$$;

create or replace function sim.observe_bars(
    p_bars   jsonb,
    p_now_at timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_bar   jsonb;
    v_order sim.orders;
    v_count bigint := 0;
begin
    for v_bar in
        select b.value from jsonb_array_elements(p_bars) as b
         where not exists (
            select from sim.quotes as q
             where q.symbol = b.value ->> 'symbol'
               and q.bar_end_at >= core.parse_time(b.value ->> 'bar_end_at'))
         order by b.value ->> 'bar_end_at', b.value ->> 'symbol' collate "C"
    loop
        for v_order in
            select o.* from sim.orders as o
             where o.symbol = v_bar ->> 'symbol'
               and o.order_status in ('ACCEPTED', 'PARTIALLY_FILLED')
               and o.submitted_at < core.parse_time(v_bar ->> 'bar_end_at')
             order by o.account_id, o.order_qty, o.client_order_id
        loop
            perform sim.match_order(v_order, v_bar, p_now_at);
        end loop;
        insert into sim.quotes (symbol, close_micros, bar_end_at)
        values (v_bar ->> 'symbol', (v_bar ->> 'close_micros')::bigint,
                core.parse_time(v_bar ->> 'bar_end_at'))
        on conflict (symbol) do update
           set close_micros = excluded.close_micros, bar_end_at = excluded.bar_end_at;
        v_count := v_count + 1;
    end loop;
    return v_count;
end;
$function$;

comment on function sim.observe_bars(jsonb, timestamptz) is
$$The paper market trades one bar of each symbol: orders given before the bar's end are matched; a bar
that is not newer than the last is skipped. Gives how many bars were new.
p_bars: [{symbol, bar_end_at (ISO), open_micros, high_micros, low_micros, close_micros, volume}].$$;

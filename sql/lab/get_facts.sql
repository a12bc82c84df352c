create or replace function lab.get_facts(
    p_symbol_no integer,
    p_order_qty bigint,
    p_held      bigint[],
    p_buy       bigint[],
    p_sell      bigint[],
    p_marks     bigint[]
)
returns risk.order_facts
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_facts risk.order_facts;
    v_high  bigint;
    v_low   bigint;
begin
    v_facts.order_qty := p_order_qty;
    v_facts.held_qty := p_held[p_symbol_no];
    v_facts.buy_qty := p_buy[p_symbol_no];
    v_facts.sell_qty := p_sell[p_symbol_no];
    v_facts.mark_micros := p_marks[p_symbol_no];
    v_facts.other_gross := 0;
    v_facts.other_high := 0;
    v_facts.other_low := 0;
    for i in 1..cardinality(p_held) loop
        continue when i = p_symbol_no or p_held[i] = 0 and p_buy[i] = 0 and p_sell[i] = 0;
        v_high := (p_held[i] + p_buy[i]) * p_marks[i];
        v_low := (p_held[i] - p_sell[i]) * p_marks[i];
        v_facts.other_gross := v_facts.other_gross + greatest(v_high, -v_low);
        v_facts.other_high := v_facts.other_high + v_high;
        v_facts.other_low := v_facts.other_low + v_low;
    end loop;
    return v_facts;
end;
$function$;

comment on function lab.get_facts(integer, bigint, bigint[], bigint[], bigint[], bigint[]) is
$$What a backtest's order is judged by, as far as it follows from the books: positions, unfinished buys and
sales (unsigned) and marks by symbol number. The same sums as risk.get_portfolio; the rest is filled in by
the caller.$$;

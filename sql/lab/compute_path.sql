create or replace function lab.compute_path(
    p_profits   bigint[],
    p_cash      bigint,
    p_method    text,
    p_seed      bigint,
    p_sample_no bigint,
    end_micros  out bigint,
    drawdown    out numeric
)
returns record
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_n      integer := cardinality(p_profits);
    v_left   bigint[] := p_profits;
    v_at     integer;
    v_peak   bigint := p_cash;
    v_profit bigint;
begin
    end_micros := p_cash;
    drawdown := 0;
    for i in 1..v_n loop
        if p_method = 'PERMUTATION' then
            v_at := i + lab.derive_number(p_seed, p_sample_no * v_n + i, v_n - i + 1);
            v_profit := v_left[v_at];
            v_left[v_at] := v_left[i];
        else
            v_profit := p_profits[1 + lab.derive_number(p_seed, p_sample_no * v_n + i, v_n)];
        end if;
        end_micros := end_micros + v_profit;
        v_peak := greatest(v_peak, end_micros);
        drawdown := greatest(drawdown, (v_peak - end_micros)::numeric / v_peak);
    end loop;
end;
$function$;

comment on function lab.compute_path(bigint[], bigint, text, bigint, bigint) is
$$Trades in another order (PERMUTATION) or drawn anew with replacement (BOOTSTRAP): what is left in the end,
in micros, and the deepest fall from a peak, a positive ratio. The same seed and number: the same path.$$;

create or replace function lab.poison_values(
    p_values     bigint[],
    p_first_tick integer,
    p_ticks      integer,
    p_cut_tick   integer,
    p_poison     text
)
returns bigint[]
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select array_agg(
               case when x.tick <= p_cut_tick then v.value
                    when p_poison = 'UP' or p_poison = 'ODD' and x.symbol % 2 = 1
                         or p_poison = 'EVEN' and x.symbol % 2 = 0
                    then v.value * (8000 + x.noise) / 1000 + 1
                    else v.value * (50 + x.noise) / 1000 + 1 end
               order by v.nth)
      from unnest(p_values) with ordinality as v (value, nth)
      cross join lateral (
        select (v.nth - 1) / p_ticks + 1 as symbol, p_first_tick + (v.nth - 1) % p_ticks as tick,
               ((p_first_tick + (v.nth - 1) % p_ticks) * 7919 + (v.nth - 1) / p_ticks * 104729) % 97
               as noise) as x;
$function$;

comment on function lab.poison_values(bigint[], integer, integer, integer, text) is
$$Values of a pack (symbol by symbol, p_ticks each) with another future after p_cut_tick: eight times as
high (UP) or a tenth (DOWN), uneven from bar to bar; ODD raises every other symbol and sinks the rest, EVEN
the other way round. A missing bar stays missing; open, high, low and close keep their order.$$;

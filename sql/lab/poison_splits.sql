create or replace function lab.poison_splits(
    p_dataset_id uuid,
    p_cut_tick   integer,
    p_poison     text
)
returns setof lab.splits
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with x as (
        select case when p_poison is null then p_dataset_id
                    else core.derive_id('poisoned', array[
                         p_dataset_id::text, p_cut_tick::text, p_poison]) end as id
    )
    select x.id, s.symbol_no, s.tick_no, s.effective_at,
           case when c.is_past then s.ratio_num else s.ratio_den end,
           case when c.is_past then s.ratio_den else s.ratio_num end
      from x
      join lab.splits as s on s.dataset_id = p_dataset_id
     cross join lateral (select p_poison is null or s.tick_no <= p_cut_tick as is_past) as c
     where c.is_past or p_poison in ('DOWN', 'EVEN')
     union all
    select x.id, s.nth, n.tick_no, n.ends_at - interval '1 us',
           case when s.nth % 2 = 1 then 3 else 1 end, 2
      from x
      join lab.datasets as d on d.dataset_id = p_dataset_id
     cross join lateral (
        select t.tick_no, t.ends_at from lab.list_dataset_ticks(d.dataset_id) as t
         where t.tick_no > p_cut_tick
         order by t.tick_no limit 1) as n
     cross join lateral generate_series(1, cardinality(d.symbols)) as s (nth)
     where p_poison in ('UP', 'ODD');
$function$;

comment on function lab.poison_splits(uuid, integer, text) is
$$The splits of a dataset with another future after a tick: those to come are turned round (DOWN, EVEN), or
gone, and in the next tick every symbol is split, three for two or one for two (UP, ODD); with p_poison null
as they are.$$;

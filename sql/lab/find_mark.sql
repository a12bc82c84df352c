create or replace function lab.find_mark(
    p_dataset_id uuid,
    p_symbol_no  integer,
    p_tick_no    integer
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select lab.restate(m.close, f.price_num, f.price_den)
      from (select u.close, k.first_tick + u.nth - 1 as tick_no
              from lab.packs as k
             cross join lateral unnest(
                   k.closes[(p_symbol_no - 1) * cardinality(k.ends_at) + 1
                            : p_symbol_no * cardinality(k.ends_at)])
                   with ordinality as u (close, nth)
             where k.dataset_id = p_dataset_id
               and k.pack_no <= (p_tick_no - 1) / 512
               and k.first_tick + u.nth - 1 <= p_tick_no
               and u.close is not null
             order by k.pack_no desc, u.nth desc
             limit 1) as m
      left join lab.list_split_factors(array(
           select s from lab.splits as s
            where s.dataset_id = p_dataset_id and s.symbol_no = p_symbol_no), p_tick_no) as f
        on m.tick_no >= f.from_tick and m.tick_no < f.until_tick;
$function$;

comment on function lab.find_mark(uuid, integer, integer) is
$$The last close of a symbol of a dataset at a tick or before it, in micros, in the shares of that tick;
null when there is none.$$;

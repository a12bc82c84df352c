create or replace function risk.list_restrictions(
    p_now_at timestamptz
)
returns setof risk.restrictions
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select r.*
      from risk.restrictions as r
      left join lateral (
        select max(f.restriction_seq) as restriction_seq
          from risk.restrictions as f
         where f.symbol = r.symbol
           and (f.effective_at is null or f.effective_at <= p_now_at)) as f on true
     where r.restriction_seq = f.restriction_seq and r.restriction <> 'NONE'
        or r.restriction_seq > coalesce(f.restriction_seq, 0)
     order by r.symbol collate "C", r.restriction_seq;
$function$;

comment on function risk.list_restrictions(timestamptz) is
$$The restricted list: what is in force at p_now_at, and what was said since then for a later moment.$$;

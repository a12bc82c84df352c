create or replace function md.get_split_factor(
    p_symbol   text,
    p_after_at timestamptz,
    p_until_at timestamptz,
    out ratio_num numeric,
    out ratio_den numeric
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select f.ratio_num, f.ratio_den
      from md.get_split_factor_known(p_symbol, p_after_at, p_until_at, p_until_at) as f;
$function$;

comment on function md.get_split_factor(text, timestamptz, timestamptz) is
$$How many shares at p_until_at one share of p_after_at has become, as was known at p_until_at: see
md.get_split_factor_known.$$;

create or replace function core.parse_date(
    p_text text
)
returns date
language sql
immutable
parallel safe
return case
    when p_text ~ '^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'
     and right(p_text, 2)::integer <= extract(day from
         make_date(left(p_text, 4)::integer, substr(p_text, 6, 2)::integer, 1)
         + interval '1 month' - interval '1 day')
    then make_date(left(p_text, 4)::integer, substr(p_text, 6, 2)::integer, right(p_text, 2)::integer)
end;

comment on function core.parse_date(text) is
$$A date written YYYY-MM-DD, of the years 1000 to 9999; null when it is anything else.
Why: a key that is compared as text cannot be looked up.$$;
